// Resolves the orders of one movement phase.
//
// Every move, support and convoy is one yes-or-no decision, and each decision is a formula over others (who has
// how much strength where).  They are resolved by need, in three-valued logic: a decision that is still under way
// counts as unknown, and whatever can be said in spite of that is said for good.  Decisions that depend on each
// other in a ring are settled together: all ways to make them are tried.  If exactly one agrees with the formulas
// it is the outcome; if several do and differ in no convoy, units move in a ring and the most moves win; otherwise
// it is a convoy paradox, and by Szykman's rule the convoys in it fail.
// After L. B. Kruijswijk, "The Math of Adjudication" (which guesses one decision of a ring instead and can take a
// decision for settled that is not).  Strengths: DATC, section 5.B.
#pragma once

#include <array>

#include "position.hpp"

namespace rules {

class Adjudicator {
public:
    // defects: of the `diplomacy` package, to reproduce; 0 for the rules.
    Adjudicator(const Position& position, const Orders& orders, int defects = 0);
    void resolve_all();
    void apply(Position& next) const;  // moves units, fills in dislodged units and their retreats
    void report(Report& report) const;

private:
    static constexpr int kMaxUnits = kMaxProvinces;
    static constexpr int kMaxTries = 1 << 16;  // of one ring: far beyond any met
    enum class Truth : uint8_t { kNo, kYes, kUnknown };
    // kUnderWay: asked for, or one of a ring; kProvisional: unknown because of those.
    enum class State : uint8_t { kOpen, kUnderWay, kProvisional, kDone };
    enum class Path : uint8_t { kNone, kLand, kConvoy, kUnknown };
    // How an attack bears on a support: not at all, by being there, or only by dislodging the supporter.
    enum class Cut : uint8_t { kNever, kAttack, kDislodge, kDislodgeByConvoy, kUnknown, kUnknownOrDislodge };

    struct Strength {
        int low, high;
    };

    struct UnitOrder {
        int8_t power;
        uint8_t kind;
        Location location;
        int16_t province;
        OrderKind order = OrderKind::kHold;
        bool via = false, by_convoy = false, by_land = false;
        uint16_t flaw = 0;              // results known before anything is resolved
        int16_t target = kNone;           // location of a move's or supported move's goal
        int16_t target_province = -1;     // of a move or support; for support to hold, of the supported unit
        Index aided = -1;
        Seas convoyers = 0;               // fleets ordered to convoy this army to its goal, of use or not
        Seas useful = 0;                  // those on a way there
    };

    struct Ring {
        int count = 0;
        std::array<Index, kMaxUnits> units;
        // Solutions found so far.
        int solutions = 0, most_moves = -1, tries = 0;
        std::array<bool, kMaxUnits> best, differs, first;
    };

    const Map& map_;
    const int defects_;
    int count_ = 0;
    std::array<UnitOrder, kMaxUnits> units_;
    std::array<Index, kMaxProvinces> occupant_;        // province -> unit index or -1
    std::array<Index, kMaxProvinces> first_mover_;     // province -> first unit moving there
    std::array<Index, kMaxUnits> next_mover_;
    std::array<Index, kMaxUnits> first_support_;       // unit -> first unit supporting it
    std::array<Index, kMaxUnits> next_support_;
    std::array<Index, kMaxSeas> fleet_at_;             // sea number -> unit index
    std::array<State, kMaxUnits> state_;
    std::array<Truth, kMaxUnits> truth_;
    std::array<bool, kMaxUnits> no_land_;              // convoys that failed in a ring
    std::array<int16_t, kMaxUnits> depth_;             // of a decision under way
    std::array<int16_t, kMaxUnits> rests_on_;          // of a provisional one: the least depth it rests on
    std::array<Index, kMaxUnits> provisional_;
    int provisional_count_ = 0;
    int level_ = 0;
    int lowest_ = kFar;                                // least depth that the decision under way rests on
    bool trying_ = false;                              // a ring is being tried
    int met_ = -1;                                     // an open decision met meanwhile

    void read_orders(const Orders& orders);
    void match_convoys();
    void choose_routes(int unit);
    void match_supports();

    Truth decide(int unit);
    Truth judge(int unit);
    Truth judge_move(int unit);
    Truth judge_support(int unit);
    Truth judge_convoy(int unit);
    void settle_ring(int head, int from);
    void try_ring(Ring& ring);
    bool deduce(Ring& ring, std::array<Index, kMaxUnits>& deduced, int& count);
    void note_solution(Ring& ring);
    void close_ring(const Ring& ring, int head);

    Truth has_route(int unit, Seas without = 0);
    Path path(int unit);
    Truth meets_head_on(int unit, Path own_path, int other);
    Cut cut_by(int supporter, int attacker);
    Strength support(int unit, int except_power = kNobody);
    Strength prevent_strength(int unit);
    Truth beats(Strength attack, Strength resistance, int unit);
    bool counts_all_support(int unit) const;
    Truth is_outnumbered(int fleet);
    bool chain_reaches(int province, int sea, bool attack) const;

    bool is_move(int unit) const { return units_[unit].order == OrderKind::kMove && !(units_[unit].flaw & kNoConvoy); }
    bool moved(int unit) const { return is_move(unit) && truth_[unit] == Truth::kYes; }
    void list_retreats(Index* gone, int count, Position& next) const;
    int dislodger(int unit) const;
    Path final_path(int unit) const;
    bool wastes_support(int unit) const;
    int final_strength(int unit) const;
    int support_result(int unit) const;
};

}  // namespace rules
