// Resolves the orders of one movement phase.
//
// Every move, support and convoy is one yes-or-no decision, and each decision is a formula over others
// (who has how much strength where).  They are resolved by need, with a guess where a decision comes to
// depend on itself; if both guesses hold or neither does, the orders are either a ring of moves, which
// succeeds, or a convoy paradox, which Szykman's rule settles: the convoys in it fail.
// Method: L. B. Kruijswijk, "The Math of Adjudication".  Strengths: DATC, section 5.B.
#pragma once

#include <array>

#include "position.hpp"

namespace rules {

class Adjudicator {
public:
    // defects: of the `diplomacy` package, to reproduce; 0 for the rules.
    Adjudicator(const Position& position, const OrderLists& orders, int defects = 0);
    void resolve_all();
    void apply(Position& next) const;  // moves units, fills in dislodged units and their retreats
    void report(std::vector<UnitResult>& results) const;

private:
    static constexpr int kMaxUnits = kMaxProvinces;
    enum class State : uint8_t { kOpen, kGuessing, kDone };
    enum class Path : uint8_t { kNone, kLand, kConvoy };

    struct UnitOrder {
        int8_t power;
        uint8_t kind, location, province;
        OrderKind order = OrderKind::kHold;
        uint8_t target = kNone;           // location of a move's or supported move's goal
        uint8_t target_province = kNone;  // of a move or support; for support to hold, of the supported unit
        int8_t aided = -1;                // unit index
        bool via = false, by_convoy = false, by_land = false;
        Seas convoyers = 0;               // fleets ordered to convoy this army to its goal
        uint16_t flaw = 0;                // results known before anything is resolved
    };

    const Position& position_;
    const Map& map_;
    const int defects_;
    int count_ = 0;
    std::array<UnitOrder, kMaxUnits> units_;
    std::array<int8_t, kMaxProvinces> occupant_;       // province -> unit index or -1
    std::array<int8_t, kMaxProvinces> first_mover_;    // province -> first unit moving there
    std::array<int8_t, kMaxUnits> next_mover_;
    std::array<int8_t, kMaxUnits> first_support_;      // unit -> first unit supporting it
    std::array<int8_t, kMaxUnits> next_support_;
    std::array<int8_t, kMaxSeas> fleet_at_;            // sea number -> unit index
    std::array<State, kMaxUnits> state_;
    std::array<bool, kMaxUnits> success_;
    std::array<bool, kMaxUnits> paradox_;              // convoys that Szykman's rule made fail
    std::array<int8_t, kMaxUnits> guessed_;
    int guessed_count_ = 0;

    void read_orders(const OrderLists& orders);
    void match_convoys();
    void choose_routes(int unit);
    void match_supports();

    bool decide(int unit);
    bool judge(int unit);
    bool judge_move(int unit);
    bool judge_support(int unit);
    bool judge_convoy(int unit);
    void break_paradox(int from);

    Path path(int unit);
    // How an attack bears on a support: not at all, by being there, or only by dislodging the supporter.
    enum class Cut : uint8_t { kNever, kAttack, kDislodge, kDislodgeByConvoy };
    Cut cut_by(int supporter, int attacker);
    bool fleets_hold(Seas fleets);
    bool has_route(int unit, Seas without = 0);
    bool meets_head_on(int unit, Path own_path, int other);
    int support(int unit, int except_power = kNobody);
    int prevent_strength(int unit);
    bool counts_all_support(int unit) const;
    bool is_outnumbered(int fleet);

    bool is_move(int unit) const { return units_[unit].order == OrderKind::kMove && !(units_[unit].flaw & kNoConvoy); }
    bool moved(int unit) const { return is_move(unit) && success_[unit]; }
    int dislodger(int unit) const;
    Path final_path(int unit) const;
    bool wastes_support(int unit) const;
    int final_strength(int unit) const;
    uint16_t support_result(int unit) const;
};

}  // namespace rules
