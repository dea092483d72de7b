// The board: places, who may go where, and every way an army can be convoyed.  Immutable once built.
#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rules {

constexpr int kPowers = 7;
constexpr int kMaxProvinces = 96;   // fits Places, and the 7 bits an order code has for a location
constexpr int kMaxLocations = 126;
constexpr int kMaxCenters = 40;
constexpr int kMaxSeas = 32;        // fits a Seas mask
constexpr int kNone = 127;          // no location
constexpr int kFar = 9999;          // no way home

struct CoreError : std::runtime_error { using std::runtime_error::runtime_error; };
struct OrderTextError : CoreError { using CoreError::CoreError; };
struct OrderLegalityError : CoreError { using CoreError::CoreError; };
struct IllegalStateError : CoreError { using CoreError::CoreError; };

// A set of provinces or of locations.
struct Places {
    uint64_t low = 0, high = 0;

    bool has(int i) const { return ((i < 64 ? low >> i : high >> (i - 64)) & 1) != 0; }
    void add(int i) { (i < 64 ? low : high) |= uint64_t{1} << (i & 63); }
    void remove(int i) { (i < 64 ? low : high) &= ~(uint64_t{1} << (i & 63)); }
    bool any() const { return (low | high) != 0; }
    int count() const { return __builtin_popcountll(low) + __builtin_popcountll(high); }
    Places operator|(Places o) const { return {low | o.low, high | o.high}; }
    Places operator&(Places o) const { return {low & o.low, high & o.high}; }
    Places& operator|=(Places o) { low |= o.low; high |= o.high; return *this; }
    bool operator==(Places o) const { return low == o.low && high == o.high; }

    template <class Visit> void each(Visit visit) const {
        for (uint64_t bits = low; bits; bits &= bits - 1) visit(__builtin_ctzll(bits));
        for (uint64_t bits = high; bits; bits &= bits - 1) visit(64 + __builtin_ctzll(bits));
    }
};

using Seas = uint32_t;  // a set of sea provinces, numbered by Map::sea_number

enum class Terrain : uint8_t { kLand, kCoast, kSea };
enum UnitKind : uint8_t { kArmy = 0, kFleet = 1 };

struct Convoy {
    Seas fleets;   // all of these are needed, and none can be spared
    Places goals;  // provinces that they connect to the start
};

struct StartingUnit {
    uint8_t power, kind, location;
};

struct MapTables {
    std::string name;
    std::vector<std::string> powers;
    std::vector<std::pair<std::string, std::string>> locations;
    std::vector<std::string> centers;
    std::vector<std::vector<std::string>> homes, units, owned;
    std::vector<std::pair<std::string, std::string>> army_edges, fleet_edges;
    int first_year = 1901;
};

class Map {
public:
    explicit Map(const MapTables& tables);
    Map(const Map&) = delete;
    Map& operator=(const Map&) = delete;

    std::string name;
    std::vector<std::string> powers, provinces, locations, centers;
    int first_year;

    std::vector<int> province_of;                    // location -> province
    std::vector<int> whole;                          // province -> its location without coast
    std::vector<Terrain> terrain;                    // province ->
    std::vector<int> center_of;                      // province -> column in centers, or -1
    std::vector<int> center_province;                // column in centers -> province
    std::vector<int> home_of;                        // province -> power, or -1
    std::vector<int> sea_number;                     // province -> bit in Seas, or -1
    std::vector<Places> army_moves;                  // province -> provinces
    std::vector<std::vector<int>> fleet_goals;       // location -> locations
    std::vector<Places> fleet_locations;             // location -> the same as a set
    std::vector<Places> fleet_moves;                 // location -> provinces
    std::vector<uint8_t> holds_army, holds_fleet;    // location -> may such a unit stand there
    std::vector<std::vector<int>> fleet_places;      // province -> locations a fleet can stand in
    std::vector<std::vector<Convoy>> convoys;        // province -> all smallest convoys from it
    std::array<std::vector<int>, kPowers> home_provinces;
    std::vector<StartingUnit> starting_units;
    std::vector<int> starting_owner;                 // column in centers -> power, or -1

    int province_count() const { return static_cast<int>(provinces.size()); }
    int location_count() const { return static_cast<int>(locations.size()); }
    int center_count() const { return static_cast<int>(centers.size()); }
    int find_location(const std::string& text) const;  // -1: no such location
    int find_power(const std::string& text) const;     // -1: no such power

    // Provinces a unit can move to, or give support into.
    Places reach(int kind, int location) const {
        return kind == kArmy ? army_moves[province_of[location]] : fleet_moves[location];
    }
    bool can_stand(int kind, int location) const {
        return (kind == kArmy ? holds_army : holds_fleet)[location] != 0;
    }
    // Moves from a location to the nearest home centre of the power, occupied or not; armies cross seas.
    int distance_home(int power, int kind, int location) const { return distance_[power][kind][location]; }

    // The smallest sets of seas whose fleets together carry an army from start to goal.
    const std::vector<Seas>& routes(int start, int goal) const {
        return routes_[start * province_count() + goal];
    }

private:
    void number_places(const MapTables& tables);
    void connect(const MapTables& tables);
    void find_convoys();
    void measure_distances();

    std::unordered_map<std::string, int> location_index_;
    std::vector<std::vector<Seas>> routes_;
    std::vector<std::vector<int>> sea_neighbours_;  // sea province -> all provinces beside it
    std::array<std::array<std::vector<int>, 2>, kPowers> distance_;
};

}  // namespace rules
