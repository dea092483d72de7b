// What one power can order in a phase, and small changes of whole joint orders.
#pragma once

#include <vector>

#include "legal.hpp"

namespace planning {

using namespace rules;

constexpr int kMaxOrders = kMaxCenters;  // of one power in one phase

// The orders of one power: of movements and retreats one a unit, of adjustments as many as are due.  By province.
struct Action {
    int count = 0;
    std::array<Code, kMaxOrders> codes;

    void add(Code code) { codes[count++] = code; }
    const Code* begin() const { return codes.data(); }
    const Code* end() const { return codes.data() + count; }
    bool operator==(const Action& o) const { return count == o.count && std::equal(begin(), end(), o.begin()); }
    uint64_t hash() const {
        uint64_t all = static_cast<uint64_t>(count);
        for (Code code : *this) all = mix(all ^ static_cast<uint64_t>(code));
        return all;
    }
};

// One unit (or, in adjustments, one province) and its legal orders.
struct Slot {
    int province = 0, location = kNone, kind = kArmy;
    std::vector<Code> orders;   // sorted
    std::vector<Code> plain;    // hold and moves without convoy; of other phases all
    std::vector<Code> via;      // moves by convoy
    std::vector<Code> foreign;  // supports and convoys of other powers' units

    bool allows(Code code) const;
};

class Moves {
public:
    Moves(const Position& position, int power, const LegalOrders& legal);

    // False where the power has nothing to order.
    bool any() const { return due_ > 0; }
    // All units hold; units disband or retreat to the first place; the first builds or removals.
    Action first() const;
    // A random joint order: every unit a plain order.
    Action random(Rng& rng) const;
    // The base with one idea changed: another move or hold; a support of an own unit; an attack of two or three units
    // together; a convoy; a support of a foreign unit.  Supports that lost their object are given anew.  False if
    // nothing came of it.
    bool mutate(const Action& base, Rng& rng, Action& changed) const;

    const std::vector<Slot>& slots() const { return slots_; }
    const Position& position() const { return position_; }
    int power() const { return power_; }

private:
    bool change_movement(Rng& rng, Action& action, uint64_t& locked) const;
    bool attack_together(Rng& rng, Action& action, uint64_t& locked) const;
    bool convoy(Rng& rng, Action& action, uint64_t& locked) const;
    bool support(int helper, int helped, Action& action) const;
    Code support_of(int helper, int helped, Code order) const;
    void repair(Rng& rng, Action& action, uint64_t locked) const;
    bool change_adjustments(const Action& base, Rng& rng, Action& changed) const;

    const Position& position_;
    int power_, due_ = 0;
    std::vector<Slot> slots_;
    std::array<int8_t, kMaxProvinces> slot_at_;  // province -> slot, or -1
};

}  // namespace planning
