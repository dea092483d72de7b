// Resolves the orders of one movement phase.
//
// Every move, support and convoy is one yes-or-no decision, and each decision is a formula over others
// (who has how much strength where).  They are resolved by need.  Decisions that depend on each other in
// a ring are settled together: all ways to make them are tried.  If exactly one agrees with the formulas
// it is the outcome; if several do and differ in no convoy, units move in a ring and the most moves win;
// otherwise it is a convoy paradox, and by Szykman's rule the convoys in it fail.
// After L. B. Kruijswijk, "The Math of Adjudication" (which guesses one decision of a ring instead and can
// take a decision for settled that is not).  Strengths: DATC, section 5.B.
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
    static constexpr size_t kMaxRing = 16;  // the largest ring seen in random games has 12 decisions or fewer
    // kGuessing: under way, or set for a try; kProvisional: derived from such a guess.
    enum class State : uint8_t { kOpen, kGuessing, kProvisional, kDone };
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
    std::array<bool, kMaxUnits> no_land_;              // convoys that failed in a ring
    std::array<int16_t, kMaxUnits> depth_;             // of a decision under way
    std::array<int16_t, kMaxUnits> rests_on_;          // of a provisional one: the least depth it rests on
    std::array<int8_t, kMaxUnits> provisional_;
    int provisional_count_ = 0;
    int level_ = 0;
    int lowest_ = kFar;                                // least depth that the decision under way rests on

    void read_orders(const OrderLists& orders);
    void match_convoys();
    void choose_routes(int unit);
    void match_supports();

    bool decide(int unit);
    bool judge(int unit);
    bool judge_move(int unit);
    bool judge_support(int unit);
    bool judge_convoy(int unit);
    void settle_ring(int head, int from);
    bool agrees(const std::vector<int>& ring, uint32_t choice);

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
    bool chain_reaches(int province, int sea, bool attack) const;

    bool is_move(int unit) const { return units_[unit].order == OrderKind::kMove && !(units_[unit].flaw & kNoConvoy); }
    bool moved(int unit) const { return is_move(unit) && success_[unit]; }
    int dislodger(int unit) const;
    Path final_path(int unit) const;
    bool wastes_support(int unit) const;
    int final_strength(int unit) const;
    uint16_t support_result(int unit) const;
};

}  // namespace rules
