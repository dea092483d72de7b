// A position: the board at the start of a phase, with its legal orders and the phase that follows.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "map.hpp"
#include "orders.hpp"

namespace rules {

enum class Season : uint8_t { kSpring, kFall, kWinter };
enum class PhaseKind : uint8_t { kMovement, kRetreats, kAdjustments };

constexpr int8_t kNobody = -1;
constexpr int kMaxDislodged = 48;  // at most one for every two provinces: each has a dislodger

struct Dislodged {
    int8_t power = kNobody;
    uint8_t kind = kArmy, location = 0;
    Places retreats;  // locations
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
    uint8_t kind, location;
    uint16_t results;
};

using OrderLists = std::array<std::vector<Code>, kPowers>;

class Position {
public:
    const Map* map = nullptr;
    int16_t year = 0;
    Season season = Season::kSpring;
    PhaseKind kind = PhaseKind::kMovement;
    int8_t winner = kNobody;
    uint8_t dislodged_count = 0;
    std::array<int8_t, kMaxProvinces> unit_power;       // province -> power or kNobody
    std::array<uint8_t, kMaxProvinces> unit_kind;       // province -> UnitKind, where there is a unit
    std::array<uint8_t, kMaxProvinces> unit_location;   // province -> location, where there is a unit
    std::array<int8_t, kMaxCenters> owner;              // centre column -> power or kNobody
    std::array<Dislodged, kMaxDislodged> dislodged;     // sorted by location

    Position() { unit_power.fill(kNobody); unit_kind.fill(0); unit_location.fill(0); owner.fill(kNobody); }
    Position(const Position& other) { *this = other; }
    Position& operator=(const Position& other);
    static Position start(const Map& map);

    bool operator==(const Position& other) const;
    uint64_t hash() const;
    std::string phase_text() const;
    void set_phase(const std::string& text);  // throws IllegalStateError

    void place(int power, int kind, int location);
    void lift(int province) { unit_power[province] = kNobody; unit_kind[province] = 0; unit_location[province] = 0; }
    int unit_count(int power) const;
    int center_count(int power) const;
    int build_count(int power) const;
    bool may_build_at(int power, int province) const {
        return map->home_of[province] == power && owner[map->center_of[province]] == power && unit_power[province] == kNobody;
    }
    const Dislodged* dislodged_from(int province) const;

    std::vector<int> orderable(int power) const;                 // provinces
    void append_legal(int province, std::vector<Code>& codes) const;
    std::vector<Code> legal_orders(int province) const;          // ascending
    int count_legal() const;
    bool is_legal(int power, Code code) const;
    // Raises OrderLegalityError for orders that are illegal, or one too many.
    void check_orders(int power, const std::vector<Code>& codes) const;
    // Drops those orders instead and reports their units as void.
    void filter_orders(OrderLists& orders, std::vector<UnitResult>& voided) const;

    // The next position.  The orders must be legal; results may be null.
    Position step(const OrderLists& orders, std::vector<UnitResult>* results, int defects = 0) const;
    void advance();          // to the next phase in which something can be done
    void capture_centers();  // after the last phase of fall

private:
    std::string illegal(int power, Code code, bool* repeated, Places& seen, int& left) const;
    void append_movement(int province, std::vector<Code>& codes) const;
    bool allows_movement(int province, const Order& order) const;  // the same set, asked for one order
    Seas fleets_at_sea() const;
    // Where an army there could be convoyed if all fleets helped, but those in `without`.
    Places convoy_goals(int province, Seas fleets) const;
};

// The three kinds of phase; each changes `next`, which starts as a copy of `position`.
void resolve_movement(const Position& position, const OrderLists& orders, Position& next, std::vector<UnitResult>* results, int defects);
void resolve_retreats(const Position& position, const OrderLists& orders, Position& next, std::vector<UnitResult>* results);
void resolve_adjustments(const Position& position, const OrderLists& orders, Position& next, std::vector<UnitResult>* results);

}  // namespace rules
