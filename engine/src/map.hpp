// The board: places, who may go where, and how armies can be convoyed.  Immutable once built.
#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "places.hpp"

namespace rules {

constexpr int kMaxChain = 13;  // fleets of one convoy at most, as in the `diplomacy` package

enum class Terrain : uint8_t { kLand, kCoast, kSea };
enum UnitKind : uint8_t { kArmy = 0, kFleet = 1 };

struct StartingUnit {
    int power, kind, location;
};

struct MapTables {
    std::string name;
    std::vector<std::string> powers;
    std::vector<std::pair<std::string, std::string>> locations;
    std::vector<std::string> centers;
    std::vector<std::vector<std::string>> homes, units, owned;
    std::vector<std::pair<std::string, std::string>> army_edges, fleet_edges;
    int first_year = 1901;
    int victory_centers = 18;
    bool build_anywhere = false;  // in any own empty centre, not only in home centres
};

class Map {
public:
    explicit Map(const MapTables& tables);
    Map(const Map&) = delete;
    Map& operator=(const Map&) = delete;

    std::string name;
    std::vector<std::string> powers, provinces, locations, centers;
    int first_year, victory_centers;
    bool build_anywhere;

    std::vector<int> province_of;                    // location -> province
    std::vector<int> whole;                          // province -> its location without coast
    std::vector<Terrain> terrain;                    // province ->
    std::vector<int> center_of;                      // province -> column in centers, or -1
    std::vector<int> center_province;                // column in centers -> province
    std::vector<int> home_of;                        // province -> power, or -1
    std::vector<int> sea_number;                     // province whose fleets convoy -> bit in Seas, or -1
    std::vector<int> sea_province;                   // bit in Seas -> province
    std::vector<Places> army_moves;                  // province -> provinces
    std::vector<Places> fleet_locations;             // location -> locations
    std::vector<Places> fleet_moves;                 // location -> provinces
    std::vector<std::vector<int>> fleet_places;      // province -> locations a fleet can stand in
    std::vector<Seas> seas_beside;                   // province -> seas it touches
    std::vector<Places> coasts_beside;               // bit in Seas -> coastal provinces
    Places coasted;                                  // provinces with separate coasts
    Places with_center;                              // provinces
    std::array<std::vector<int>, kPowers> home_provinces;
    std::vector<StartingUnit> starting_units;
    std::vector<int> starting_owner;                 // column in centers -> power, or -1

    int power_count() const { return static_cast<int>(powers.size()); }
    int province_count() const { return static_cast<int>(provinces.size()); }
    int location_count() const { return static_cast<int>(locations.size()); }
    int center_count() const { return static_cast<int>(centers.size()); }
    int find_location(const char* text, size_t length) const;  // -1: no such location
    int find_location(const std::string& text) const { return find_location(text.data(), text.size()); }
    int find_power(const std::string& text) const;  // -1: no such power

    // Provinces a unit can move to, or give support into.
    const Places& reach(int kind, int location) const {
        return kind == kArmy ? army_moves[province_of[location]] : fleet_moves[location];
    }
    bool can_stand(int kind, int location) const {
        return (kind == kArmy ? holds_army_ : holds_fleet_)[location] != 0;
    }
    // Locations a unit can go to from here (not by convoy), ascending: at most kMaxNeighbours.
    const std::vector<Location>& ways(int kind, int location) const { return ways_[kind][location]; }
    // Moves from a location to the nearest home centre of the power, occupied or not; armies cross seas.
    int distance_home(int power, int kind, int location) const { return distance_[power][kind][location]; }

    // All seas of the set that can be reached from the given ones through the set.
    Seas connected(Seas from, Seas within) const {
        Seas found = from & within;
        for (Seas fresh = found; fresh;) {
            Seas next = 0;
            for (; fresh; fresh &= fresh - 1) next |= sea_beside_[lowest(fresh)];
            fresh = next & within & ~found;
            found |= fresh;
        }
        return found;
    }
    // Where an army in this province could be convoyed if all these fleets helped.
    Places convoy_goals(int province, Seas fleets) const {
        Places goals;
        for (Seas seas = connected(seas_beside[province], fleets); seas; seas &= seas - 1) goals |= coasts_beside[lowest(seas)];
        goals.remove(province);
        return goals;
    }
    // Visits the smallest convoys from a province, those of which no fleet can be spared: visit(seas, goals).
    template <class Visit> void each_convoy(int province, Seas fleets, Visit visit) const {
        for (Seas first = seas_beside[province] & fleets; first; first &= first - 1) {
            const int sea = lowest(first);
            Places start;
            start.add(province);
            extend_convoy(sea, sea_bit(sea), sea_bit(sea) | seas_beside[province], start, fleets, 1, visit);
        }
    }

private:
    void number_places(const MapTables& tables);
    void number_centers(const MapTables& tables);
    void connect(const MapTables& tables);
    void measure_distances();

    // `closed`: seas that touch the start or a sea before the last one; `touched`: provinces that those touch.
    template <class Visit>
    void extend_convoy(int last, Seas chain, Seas closed, const Places& touched, Seas fleets, int length, Visit& visit) const {
        const Places goals = coasts_beside[last].without(touched);
        if (goals.any()) visit(chain, goals);
        if (length == kMaxChain) return;
        const Seas beside = sea_beside_[last] & fleets & ~closed & ~chain;
        if (!beside) return;
        Places next_touched = touched | coasts_beside[last];
        next_touched.add(sea_province[last]);  // a port is a coast too
        for (Seas next = beside; next; next &= next - 1) {
            const int sea = lowest(next);
            extend_convoy(sea, chain | sea_bit(sea), closed | sea_beside_[last], next_touched, fleets, length + 1, visit);
        }
    }

    std::unordered_map<std::string, int> location_index_;
    std::vector<uint8_t> holds_army_, holds_fleet_;  // location -> may such a unit stand there
    std::array<std::vector<std::vector<Location>>, 2> ways_;
    std::vector<Seas> sea_beside_;  // bit in Seas -> seas
    std::array<std::array<std::vector<int>, 2>, kPowers> distance_;
    std::vector<int16_t> short_index_;  // three letters -> location, for speed
};

}  // namespace rules
