// A position: the board at the start of a phase, with its legal orders and the phase that follows.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "map.hpp"
#include "orders.hpp"

namespace rules {

enum class Season : uint8_t { kSpring, kFall, kWinter };
enum class PhaseKind : uint8_t { kMovement, kRetreats, kAdjustments };

constexpr int kMaxDislodged = kMaxProvinces / 2;  // at most one for every two provinces: each has a dislodger

struct Dislodged {
    uint8_t power : 7, kind : 1;
    Location location;
    Ways retreats;  // of Map::ways(kind, location)

    bool operator==(const Dislodged& o) const {
        return power == o.power && kind == o.kind && location == o.location && retreats == o.retreats;
    }
};

// Words for what became of an order; a set of bits.
enum Result : uint16_t {
    kBounce = 1, kCut = 2, kDislodgedResult = 4, kDisrupted = 8, kNoConvoy = 16, kVoid = 32, kDisband = 64,
};

// Known defects of the `diplomacy` package 1.1.2, reproduced only to explain differences from it; a set of bits.
enum Defect : uint8_t {
    kSelfDislodgementVia = 1,     // support by the attacked unit's own power counts when the attacker moves VIA
    kRetreatAfterConvoy = 2,      // a unit dislodged by a convoyed army may retreat to occupied and contested places
    kDisruptedByOwnSupport = 4,   // a convoy fails by an attack that needs support of the convoying fleet's power
    kWeakHeadOn = 8,              // head to head, support by the attacker's power does not count for the defence
    kFalseParadox = 16,           // a convoy paradox is seen in any chain of supports from the army's goal
};

struct UnitResult {
    uint8_t kind;
    Location location;
    uint16_t results;
    Location by = kNone;  // where the unit that dislodged it came from
};

// What became of every unit of a phase.
struct Report {
    int count = 0;
    std::array<UnitResult, kMaxProvinces> units;

    void add(int kind, int location, int results) {
        units[count++] = {static_cast<uint8_t>(kind), static_cast<Location>(location), static_cast<uint16_t>(results), kNone};
    }
};

class Position {
public:
    const Map* map = nullptr;
    Season season = Season::kSpring;
    PhaseKind kind = PhaseKind::kMovement;
    int8_t winner = kNobody;
    int16_t year = 0;
    int16_t dislodged_count = 0;

private:
    uint64_t key_ = 0;  // Zobrist: every unit and owned centre, mixed and exclusive-ored (A. Zobrist 1970)
    Seas fleets_ = 0;   // fleets at sea
    Places occupied_;   // provinces
    Places with_fleet_;  // provinces
    std::array<Count, kPowers> unit_count_{}, center_count_{};

public:
    std::array<int8_t, kMaxProvinces> unit_power;       // province -> power or kNobody
    std::array<Location, kMaxProvinces> unit_location;  // province -> location, where there is a unit
    std::array<int8_t, kMaxCenters> owner;              // centre column -> power or kNobody
    std::array<Dislodged, kMaxDislodged> dislodged;     // sorted by location; the first dislodged_count

    Position() { unit_power.fill(kNobody); unit_location.fill(0); owner.fill(kNobody); }
    Position(const Position& other) { *this = other; }
    Position& operator=(const Position& other);
    static Position start(const Map& map);

    bool operator==(const Position& other) const;
    uint64_t hash() const;
    std::string phase_text() const;
    void set_phase(const std::string& text);  // throws IllegalStateError

    void place(int power, int unit, int location);
    void lift(int province);
    void set_owner(int center, int power);
    void add_dislodged(const Dislodged& unit) { dislodged[dislodged_count++] = unit; }
    bool is_over() const { return winner != kNobody; }
    int kind_at(int province) const { return with_fleet_.has(province) ? kFleet : kArmy; }
    const Places& occupied() const { return occupied_; }
    Seas fleets_at_sea() const { return fleets_; }
    int unit_count(int power) const { return unit_count_[power]; }
    int center_count(int power) const { return center_count_[power]; }
    // Units to build (positive) or remove (negative) in adjustments.
    int build_count(int power) const;
    bool may_build_at(int power, int province) const {
        return (map->build_anywhere ? map->center_of[province] >= 0 : map->home_of[province] == power) &&
               owner[map->center_of[province]] == power && unit_power[province] == kNobody;
    }
    const Dislodged* dislodged_from(int province) const;
    std::vector<int> orderable(int power) const;  // provinces

    // Whose the order would be: the power of the unit or of the centre it builds in; kNobody for none.
    int power_of(Code code) const;
    bool is_legal(int power, Code code) const;
    // Raises OrderLegalityError for orders that are illegal, or one too many.
    void check_orders(int power, const Code* codes, int count) const;
    // The same for orders of several powers; `row` is named in errors where it is not negative.
    void check_orders(const Orders& orders, long row = -1) const;
    // Takes one power's orders, drops those that are illegal and reports their units as void.
    void keep_legal(int power, const Code* codes, int count, Orders& kept, Report& voided) const;

    // The next position.  The orders must be legal; the report may be null.
    void step(const Orders& orders, Position& next, Report* report, int defects = 0) const;
    void advance();          // to the next phase in which something can be done
    void capture_centers();  // after the last phase of fall

private:
    std::string illegal(int power, Code code, bool* repeated, Places& seen, int& left) const;
    std::string text_of(Code code) const;
    bool allows_movement(int province, const Order& order) const;
};

// The three kinds of phase; each changes `next`, which starts as a copy of `position`.
void resolve_movement(const Position& position, const Orders& orders, Position& next, Report* report, int defects);
void resolve_retreats(const Position& position, const Orders& orders, Position& next, Report* report);
void resolve_adjustments(const Position& position, const Orders& orders, Position& next, Report* report);

}  // namespace rules
