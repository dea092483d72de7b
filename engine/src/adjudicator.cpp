#include "adjudicator.hpp"

#include <algorithm>

namespace rules {

Adjudicator::Adjudicator(const Position& position, const Orders& orders, int defects)
    : map_(*position.map), defects_(defects) {
    std::fill_n(occupant_.begin(), map_.province_count(), Index{-1});
    std::fill_n(first_mover_.begin(), map_.province_count(), Index{-1});
    position.occupied().each([&](int province) {
        UnitOrder& unit = units_[count_];
        unit = UnitOrder{};
        unit.power = position.unit_power[province];
        unit.kind = static_cast<uint8_t>(position.kind_at(province));
        unit.location = position.unit_location[province];
        unit.province = static_cast<int16_t>(province);
        if (map_.sea_number[province] >= 0) fleet_at_[map_.sea_number[province]] = static_cast<Index>(count_);
        occupant_[province] = static_cast<Index>(count_++);
    });
    std::fill_n(first_support_.begin(), count_, Index{-1});
    std::fill_n(state_.begin(), count_, State::kOpen);
    std::fill_n(no_land_.begin(), count_, false);
    std::fill_n(truth_.begin(), count_, Truth::kNo);
    read_orders(orders);
    match_convoys();
    match_supports();
}

void Adjudicator::read_orders(const Orders& orders) {
    for (Code code : orders) {
        const Order order = Order::from(code);
        const int index = occupant_[map_.province_of[order.location]];
        UnitOrder& unit = units_[index];
        unit.order = order.kind;
        unit.target = static_cast<int16_t>(order.target);
        unit.via = order.via;
        if (order.aided != kNone) unit.aided = occupant_[map_.province_of[order.aided]];
        if (order.target != kNone) unit.target_province = static_cast<int16_t>(map_.province_of[order.target]);
        else if (unit.aided >= 0) unit.target_province = units_[unit.aided].province;
        if (order.kind == OrderKind::kMove) {
            next_mover_[index] = first_mover_[unit.target_province];
            first_mover_[unit.target_province] = static_cast<Index>(index);
        }
    }
}

void Adjudicator::match_convoys() {
    for (int i = 0; i < count_; ++i) {
        UnitOrder& fleet = units_[i];
        if (fleet.order != OrderKind::kConvoy) continue;
        UnitOrder& army = units_[fleet.aided];
        if (army.order == OrderKind::kMove && army.target == fleet.target)
            army.convoyers |= sea_bit(map_.sea_number[fleet.province]);
        else
            fleet.flaw |= kVoid;
    }
    for (int i = 0; i < count_; ++i)
        if (units_[i].order == OrderKind::kMove) choose_routes(i);
}

// Whether the army goes by land or by sea.  By sea if it must, if the order says so, or if a fleet of its
// own power convoys it (2000 rules); an order by sea for which nobody convoys is an order by land.
void Adjudicator::choose_routes(int index) {
    UnitOrder& unit = units_[index];
    if (unit.kind == kFleet) {
        unit.by_land = true;
        return;
    }
    const bool adjacent = map_.army_moves[unit.province].has(unit.target_province);
    if (!unit.convoyers) {
        unit.by_land = adjacent;
        if (!adjacent) unit.flaw |= kNoConvoy;
        return;
    }
    map_.each_convoy(unit.province, unit.convoyers, [&](Seas route, const Places& goals) {
        if (goals.has(unit.target_province)) unit.useful |= route;
    });
    bool intent = unit.via || !adjacent;
    for (Seas fleets = unit.convoyers; fleets && !intent; fleets &= fleets - 1)
        intent = units_[fleet_at_[lowest(fleets)]].power == unit.power;
    unit.by_convoy = unit.useful != 0 && intent;
    unit.by_land = adjacent && !(unit.by_convoy && unit.via);
    if (!unit.by_convoy && !adjacent) unit.flaw |= kNoConvoy;
    const Seas idle = unit.by_convoy ? unit.convoyers & ~unit.useful : unit.convoyers;
    for (Seas fleets = idle; fleets; fleets &= fleets - 1) units_[fleet_at_[lowest(fleets)]].flaw |= kNoConvoy | kVoid;
}

void Adjudicator::match_supports() {
    for (int i = 0; i < count_; ++i) {
        UnitOrder& unit = units_[i];
        if (unit.order != OrderKind::kSupport) continue;
        const UnitOrder& aided = units_[unit.aided];
        bool matches;
        if (unit.target == kNone) {
            matches = aided.order != OrderKind::kMove;
        } else {
            // A goal written without coast supports a move to any coast of it.
            matches = aided.order == OrderKind::kMove && !(aided.flaw & kNoConvoy) &&
                      (aided.target == unit.target ||
                       (aided.target_province == unit.target_province && unit.target == map_.whole[unit.target_province]));
        }
        if (!matches) {
            unit.flaw |= kVoid;
            continue;
        }
        next_support_[i] = first_support_[unit.aided];
        first_support_[unit.aided] = static_cast<Index>(i);
    }
}

void Adjudicator::resolve_all() {
    for (int i = 0; i < count_; ++i)
        if (units_[i].order != OrderKind::kHold) decide(i);
}

Adjudicator::Truth Adjudicator::decide(int unit) {
    switch (state_[unit]) {
        case State::kDone: return truth_[unit];
        case State::kUnderWay: lowest_ = std::min<int>(lowest_, depth_[unit]); return truth_[unit];
        case State::kProvisional: lowest_ = std::min<int>(lowest_, rests_on_[unit]); return Truth::kUnknown;
        case State::kOpen: break;
    }
    if (trying_) {
        met_ = unit;
        return Truth::kUnknown;
    }
    const int outer_lowest = lowest_, depth = level_++, from = provisional_count_;
    lowest_ = kFar;
    depth_[unit] = static_cast<int16_t>(depth);
    truth_[unit] = Truth::kUnknown;
    state_[unit] = State::kUnderWay;
    const Truth outcome = judge(unit);
    --level_;
    if (outcome != Truth::kUnknown) {
        // Known whatever the others are: those that waited for it are asked anew.
        while (provisional_count_ > from) state_[provisional_[--provisional_count_]] = State::kOpen;
        truth_[unit] = outcome;
        state_[unit] = State::kDone;
    } else if (lowest_ < depth) {
        // Part of a ring that is entered further up.
        rests_on_[unit] = static_cast<int16_t>(lowest_);
        state_[unit] = State::kProvisional;
        provisional_[provisional_count_++] = static_cast<Index>(unit);
        lowest_ = std::min(outer_lowest, lowest_);
        return Truth::kUnknown;
    } else {
        settle_ring(unit, from);
    }
    lowest_ = outer_lowest;
    return decide(unit);
}

// Settles the ring that `head` entered; its other decisions are the provisional ones from an index on.
void Adjudicator::settle_ring(int head, int from) {
    Ring ring;
    ring.units[ring.count++] = static_cast<Index>(head);
    const int depth = level_;
    for (;;) {
        while (provisional_count_ > from) ring.units[ring.count++] = provisional_[--provisional_count_];
        for (int i = 0; i < ring.count; ++i) {
            depth_[ring.units[i]] = static_cast<int16_t>(depth);
            state_[ring.units[i]] = State::kUnderWay;
            truth_[ring.units[i]] = Truth::kUnknown;
        }
        ring.solutions = ring.tries = 0;
        ring.most_moves = -1;
        met_ = -1;
        trying_ = true;
        try_ring(ring);
        trying_ = false;
        if (met_ < 0) break;
        // The formulas turned to a decision not asked for before: it may belong to the ring, or be settled alone.
        level_ = depth + 1;
        decide(met_);
        level_ = depth;
    }
    close_ring(ring, head);
}

// Tries all ways to make the ring's decisions that are still unknown, after what follows from those made.
void Adjudicator::try_ring(Ring& ring) {
    std::array<Index, kMaxUnits> deduced;
    int count = 0;
    if (deduce(ring, deduced, count)) {
        const auto open = std::find_if(ring.units.begin(), ring.units.begin() + ring.count, [&](int u) { return truth_[u] == Truth::kUnknown; });
        if (open == ring.units.begin() + ring.count) {
            note_solution(ring);
        } else {
            for (Truth guess : {Truth::kNo, Truth::kYes}) {
                if (met_ >= 0 || ++ring.tries > kMaxTries) break;
                truth_[*open] = guess;
                try_ring(ring);
            }
            truth_[*open] = Truth::kUnknown;
        }
    }
    while (count > 0) truth_[deduced[--count]] = Truth::kUnknown;
}

// Adds what follows; false if that contradicts a decision made, or if the try must begin anew.
bool Adjudicator::deduce(Ring& ring, std::array<Index, kMaxUnits>& deduced, int& count) {
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 0; i < ring.count; ++i) {
            const int unit = ring.units[i];
            const Truth found = judge(unit);
            if (met_ >= 0) return false;
            if (found == Truth::kUnknown || found == truth_[unit]) continue;
            if (truth_[unit] != Truth::kUnknown) return false;
            truth_[unit] = found;
            deduced[count++] = static_cast<Index>(unit);
            changed = true;
        }
    }
    return true;
}

void Adjudicator::note_solution(Ring& ring) {
    int moves = 0;
    for (int i = 0; i < ring.count; ++i) moves += moved(ring.units[i]);
    const bool first = ring.solutions++ == 0, better = moves > ring.most_moves;
    if (better) ring.most_moves = moves;
    for (int i = 0; i < ring.count; ++i) {
        const bool yes = truth_[ring.units[i]] == Truth::kYes;
        if (first) ring.first[i] = yes;
        ring.differs[i] = !first && (ring.differs[i] || ring.first[i] != yes);
        if (better) ring.best[i] = yes;
    }
}

void Adjudicator::close_ring(const Ring& ring, int head) {
    const auto is_convoy = [&](int i) { return units_[ring.units[i]].order == OrderKind::kConvoy; };
    bool paradox = ring.solutions == 0;
    for (int i = 0; i < ring.count && !paradox; ++i) paradox = is_convoy(i) && ring.differs[i];
    bool settled = false;
    for (int i = 0; i < ring.count; ++i) {
        const int unit = ring.units[i];
        state_[unit] = State::kOpen;
        if (!paradox) {
            truth_[unit] = ring.best[i] ? Truth::kYes : Truth::kNo;
            state_[unit] = State::kDone;
        } else if (is_convoy(i) && (ring.solutions == 0 || ring.differs[i])) {
            truth_[unit] = Truth::kNo;
            state_[unit] = State::kDone;
        }
        settled |= state_[unit] == State::kDone;
        // An army whose convoy fails in such a ring does not go by land: that could undo the failure.
        if (is_convoy(i) && state_[unit] == State::kDone && truth_[unit] == Truth::kNo) no_land_[unit] = true;
    }
    if (settled) return;
    truth_[head] = Truth::kNo;  // cannot happen by the rules; a bounce is safe
    state_[head] = State::kDone;
}

Adjudicator::Truth Adjudicator::judge(int unit) {
    switch (units_[unit].order) {
        case OrderKind::kMove: return judge_move(unit);
        case OrderKind::kSupport: return judge_support(unit);
        case OrderKind::kConvoy: return judge_convoy(unit);
        default: return Truth::kNo;
    }
}

// Whether a chain of convoying fleets survives, none of them in `without`.
Adjudicator::Truth Adjudicator::has_route(int unit, Seas without) {
    const UnitOrder& army = units_[unit];
    const Seas pool = army.useful & ~without, ends = map_.seas_beside[army.target_province];
    const Seas starts = map_.seas_beside[army.province];
    if (!(map_.connected(starts, pool) & ends)) return Truth::kNo;
    Seas holding = 0, unsure = 0;
    for (Seas fleets = pool; fleets; fleets &= fleets - 1) {
        const Truth holds = decide(fleet_at_[lowest(fleets)]);
        const Seas bit = fleets & (~fleets + 1);
        if (holds == Truth::kYes) holding |= bit;
        else if (holds == Truth::kUnknown) unsure |= bit;
        if (holds == Truth::kYes && (map_.connected(starts, holding) & ends)) return Truth::kYes;
    }
    return unsure && (map_.connected(starts, holding | unsure) & ends) ? Truth::kUnknown : Truth::kNo;
}

Adjudicator::Path Adjudicator::path(int unit) {
    const UnitOrder& mover = units_[unit];
    if (mover.flaw & kNoConvoy) return Path::kNone;
    if (!mover.by_convoy) return Path::kLand;
    const Truth route = has_route(unit);
    if (route == Truth::kYes) return Path::kConvoy;
    if (route == Truth::kUnknown) return Path::kUnknown;
    if (!mover.by_land) return Path::kNone;
    bool sure = true;
    for (Seas fleets = mover.convoyers; fleets; fleets &= fleets - 1) {
        const int fleet = fleet_at_[lowest(fleets)];
        if ((defects_ & kFalseParadox) && chain_reaches(mover.target_province, units_[fleet].province, true)) return Path::kNone;
        if (!(mover.useful & fleets & (~fleets + 1))) continue;
        const Truth holds = decide(fleet);
        sure &= holds != Truth::kUnknown;
        if (holds == Truth::kNo && (no_land_[fleet] || state_[fleet] == State::kUnderWay)) return Path::kNone;
    }
    return sure ? Path::kLand : Path::kUnknown;
}

Adjudicator::Truth Adjudicator::meets_head_on(int unit, Path own_path, int other) {
    if (own_path == Path::kNone || own_path == Path::kConvoy || other < 0 || !is_move(other) ||
        units_[other].target_province != units_[unit].province)
        return Truth::kNo;
    const Path other_path = path(other);
    if (other_path == Path::kNone || other_path == Path::kConvoy) return Truth::kNo;
    return own_path == Path::kLand && other_path == Path::kLand ? Truth::kYes : Truth::kUnknown;
}

Adjudicator::Strength Adjudicator::support(int unit, int except_power) {
    Strength strength{0, 0};
    for (int s = first_support_[unit]; s >= 0; s = next_support_[s]) {
        if (units_[s].power == except_power) continue;
        const Truth given = decide(s);
        strength.low += given == Truth::kYes;
        strength.high += given != Truth::kNo;
    }
    return strength;
}

Adjudicator::Strength Adjudicator::prevent_strength(int unit) {
    const Path own_path = path(unit);
    if (own_path == Path::kNone) return {0, 0};
    const int other = occupant_[units_[unit].target_province];
    const Truth head_on = meets_head_on(unit, own_path, other);
    const Truth loses = head_on == Truth::kNo ? Truth::kNo : decide(other);
    if (head_on == Truth::kYes && loses == Truth::kYes) return {0, 0};
    Strength strength = support(unit);
    ++strength.low;
    ++strength.high;
    if (own_path == Path::kUnknown || (head_on != Truth::kNo && loses != Truth::kNo)) strength.low = 0;
    return strength;
}

// Whether an attack overcomes the resistance and every rival for the same province.
Adjudicator::Truth Adjudicator::beats(Strength attack, Strength resistance, int unit) {
    if (attack.high <= resistance.low) return Truth::kNo;
    bool sure = attack.low > resistance.high;
    for (int rival = first_mover_[units_[unit].target_province]; rival >= 0; rival = next_mover_[rival]) {
        if (rival == unit) continue;
        const Strength prevents = prevent_strength(rival);
        if (attack.high <= prevents.low) return Truth::kNo;
        sure &= attack.low > prevents.high;
    }
    return sure ? Truth::kYes : Truth::kUnknown;
}

Adjudicator::Truth Adjudicator::judge_move(int unit) {
    const UnitOrder& mover = units_[unit];
    const Path own_path = path(unit);
    if (own_path == Path::kNone) return Truth::kNo;
    const int other = occupant_[mover.target_province];
    const auto attack = [&](int except_power) {
        const Strength supports = support(unit, except_power);
        return Strength{1 + supports.low, 1 + supports.high};
    };
    Truth outcome = Truth::kUnknown;
    bool judged = false;
    const auto consider = [&](Truth found) {
        outcome = !judged || outcome == found ? found : Truth::kUnknown;
        judged = true;
    };
    // The cases that are still possible; what they agree on is known.
    const Truth head_on = meets_head_on(unit, own_path, other);
    const Truth leaves = other < 0 ? Truth::kYes : head_on == Truth::kYes || !is_move(other) ? Truth::kNo : decide(other);
    if (head_on != Truth::kYes && leaves != Truth::kNo) consider(beats(attack(kNobody), {0, 0}, unit));
    if (head_on == Truth::kYes || leaves != Truth::kYes) {
        if (units_[other].power == mover.power) {
            consider(Truth::kNo);
        } else {
            const Strength strength = attack(counts_all_support(unit) ? kNobody : units_[other].power);
            if (head_on != Truth::kNo) {
                const Strength defence = support(other, defects_ & kWeakHeadOn ? mover.power : kNobody);
                consider(beats(strength, {1 + defence.low, 1 + defence.high}, unit));
            }
            if (head_on != Truth::kYes) {
                Strength hold{1, 1};
                if (units_[other].order != OrderKind::kMove) {
                    const Strength supports = support(other);
                    hold = {1 + supports.low, 1 + supports.high};
                }
                consider(beats(strength, hold, unit));
            }
        }
    }
    return own_path == Path::kUnknown && outcome == Truth::kYes ? Truth::kUnknown : outcome;
}

Adjudicator::Cut Adjudicator::cut_by(int unit, int attacker) {
    const UnitOrder &supporter = units_[unit], &mover = units_[attacker];
    if (mover.power == supporter.power || (mover.flaw & kNoConvoy)) return Cut::kNever;
    // The unit attacked cuts the support against itself only by dislodging the supporter.
    if (supporter.target != kNone && mover.province == supporter.target_province) return Cut::kDislodge;
    const Path way = path(attacker);
    if (way == Path::kNone) return Cut::kNever;
    if (way == Path::kLand) return Cut::kAttack;
    // A convoyed army does not cut a support for or against a fleet that it needs (2000 rules).
    const int sea = map_.sea_number[supporter.target_province];
    const bool may_need = sea >= 0 && (mover.convoyers >> sea & 1);
    if (!may_need) return way == Path::kConvoy ? Cut::kAttack : Cut::kUnknown;
    const Truth spare = has_route(attacker, sea_bit(sea));
    // (As long as the convoy may fail, an army that could walk may cut it by land.)
    if (spare == Truth::kNo && (way == Path::kConvoy || !mover.by_land)) return Cut::kDislodgeByConvoy;
    return spare == Truth::kYes && way == Path::kConvoy ? Cut::kAttack : Cut::kUnknownOrDislodge;
}

Adjudicator::Truth Adjudicator::judge_support(int unit) {
    if (units_[unit].flaw) return Truth::kNo;
    bool sure = true;
    for (int attacker = first_mover_[units_[unit].province]; attacker >= 0; attacker = next_mover_[attacker]) {
        const Cut cut = cut_by(unit, attacker);
        if (cut == Cut::kAttack) return Truth::kNo;
        if (cut == Cut::kNever) continue;
        if (cut == Cut::kUnknown) {
            sure = false;
            continue;
        }
        const Truth dislodged = decide(attacker);
        if (dislodged == Truth::kYes) return Truth::kNo;
        sure &= dislodged == Truth::kNo && cut != Cut::kUnknownOrDislodge;
    }
    return sure ? Truth::kYes : Truth::kUnknown;
}

bool Adjudicator::counts_all_support(int unit) const {
    return (defects_ & kSelfDislodgementVia) && units_[unit].via && units_[unit].by_convoy;
}

// Whether supports (and convoys), each for the next, lead from a province to support for or against a fleet.
bool Adjudicator::chain_reaches(int province, int sea, bool attack) const {
    Places seen;
    while (!seen.has(province)) {
        seen.add(province);
        const int unit = occupant_[province];
        if (unit < 0 || (units_[unit].order != OrderKind::kSupport && units_[unit].order != OrderKind::kConvoy)) return false;
        province = units_[unit].target_province;
        const bool names_move = units_[unit].target != kNone;
        if (units_[unit].order == OrderKind::kSupport && names_move == attack && province == sea) return true;
    }
    return false;
}

// How the package finds that a convoying fleet falls.
Adjudicator::Truth Adjudicator::is_outnumbered(int fleet) {
    const int sea = units_[fleet].province, goal = units_[fleet].target_province;
    const Strength hold = support(fleet);
    bool sure = hold.low == hold.high;
    const int own = 1 + hold.low;
    int best = own, attackers = 0;
    bool foreign = false;
    for (int attacker = first_mover_[sea]; attacker >= 0; attacker = next_mover_[attacker]) {
        const Path way = path(attacker);
        if (way == Path::kNone) continue;
        const bool counts_all = (defects_ & kDisruptedByOwnSupport) != 0;
        const Strength supports = support(attacker, counts_all ? kNobody : units_[fleet].power);
        sure &= way != Path::kUnknown && supports.low == supports.high;
        const int strength = 1 + supports.low;
        if (strength > best) {
            best = strength;
            attackers = 0;
            foreign = false;
        }
        if (strength == best) {
            ++attackers;
            foreign |= units_[attacker].power != units_[fleet].power;
        }
    }
    if (!sure) return Truth::kUnknown;
    if (!foreign) return Truth::kNo;
    if ((defects_ & kFalseParadox) && chain_reaches(goal, sea, false)) return Truth::kYes;
    if (best == own) return Truth::kNo;
    if (attackers == 1) return Truth::kYes;
    const int there = occupant_[goal];
    const bool paradox = (defects_ & kFalseParadox) && there >= 0 && units_[there].target_province == sea &&
                         (units_[there].order == OrderKind::kSupport || units_[there].order == OrderKind::kMove);
    return paradox ? Truth::kYes : Truth::kNo;
}

Adjudicator::Truth Adjudicator::judge_convoy(int unit) {
    if (defects_ & (kDisruptedByOwnSupport | kFalseParadox)) {
        const Truth falls = is_outnumbered(unit);
        return falls == Truth::kUnknown ? falls : falls == Truth::kYes ? Truth::kNo : Truth::kYes;
    }
    bool sure = true;
    for (int attacker = first_mover_[units_[unit].province]; attacker >= 0; attacker = next_mover_[attacker]) {
        const Truth dislodged = decide(attacker);
        if (dislodged == Truth::kYes) return Truth::kNo;
        sure &= dislodged == Truth::kNo;
    }
    return sure ? Truth::kYes : Truth::kUnknown;
}

int Adjudicator::dislodger(int unit) const {
    if (moved(unit)) return -1;
    for (int attacker = first_mover_[units_[unit].province]; attacker >= 0; attacker = next_mover_[attacker])
        if (moved(attacker)) return attacker;
    return -1;
}

Adjudicator::Path Adjudicator::final_path(int unit) const {
    return const_cast<Adjudicator*>(this)->path(unit);  // every decision is made: nothing changes
}

void Adjudicator::apply(Position& next) const {
    std::array<Index, kMaxUnits> movers, gone;
    int moving = 0, leaving = 0;
    for (int i = 0; i < count_; ++i)
        if (moved(i)) movers[moving++] = static_cast<Index>(i);
    for (int i = 0; i < moving; ++i) {
        const int other = occupant_[units_[movers[i]].target_province];
        if (other >= 0 && !moved(other)) gone[leaving++] = static_cast<Index>(other);
    }
    // All that leave do so before others come.
    for (int i = 0; i < moving; ++i) next.lift(units_[movers[i]].province);
    for (int i = 0; i < leaving; ++i) next.lift(units_[gone[i]].province);
    for (int i = 0; i < moving; ++i) next.place(units_[movers[i]].power, units_[movers[i]].kind, units_[movers[i]].target);
    if (leaving) list_retreats(gone.data(), leaving, next);
}

// Where the dislodged units may go, now that all others stand where they will.
void Adjudicator::list_retreats(Index* gone, int count, Position& next) const {
    Places contested;
    for (int i = 0; i < count_; ++i)
        if (is_move(i) && !moved(i) && const_cast<Adjudicator*>(this)->prevent_strength(i).low > 0) contested.add(units_[i].target_province);
    std::sort(gone, gone + count);
    for (int i = 0; i < count; ++i) {
        const UnitOrder& unit = units_[gone[i]];
        const int attacker = dislodger(gone[i]);
        Dislodged found{static_cast<uint8_t>(unit.power), unit.kind, unit.location, 0};
        const int closed = final_path(attacker) == Path::kLand ? units_[attacker].province : -1;
        const bool all_open = (defects_ & kRetreatAfterConvoy) && closed < 0;
        const auto& ways = map_.ways(unit.kind, unit.location);
        for (size_t way = 0; way < ways.size(); ++way) {
            const int province = map_.province_of[ways[way]];
            if (all_open || (next.unit_power[province] < 0 && province != closed && !contested.has(province)))
                found.retreats |= static_cast<Ways>(Ways{1} << way);
        }
        if (found.retreats) next.add_dislodged(found);
    }
}

int Adjudicator::final_strength(int unit) const {
    return 1 + const_cast<Adjudicator*>(this)->support(unit).low;
}

// Whether support for this move by the power of the unit in its way is reported as void: it may not help
// to dislodge that unit.  (Where the move fails even with it, the support is reported as given.)
bool Adjudicator::wastes_support(int unit) const {
    const int other = occupant_[units_[unit].target_province];
    const Path way = final_path(unit);
    if (way == Path::kNone || other < 0 || counts_all_support(unit)) return false;
    if (const_cast<Adjudicator*>(this)->meets_head_on(unit, way, other) == Truth::kYes) return true;
    if (moved(other)) return false;
    if (moved(unit)) return true;
    const int strength = final_strength(unit);
    if (strength <= (units_[other].order == OrderKind::kMove ? 1 : final_strength(other))) return false;
    for (int rival = first_mover_[units_[unit].target_province]; rival >= 0; rival = next_mover_[rival])
        if (rival != unit && final_path(rival) != Path::kNone && strength <= final_strength(rival)) return false;
    return true;
}

// A support for an army whose convoy fails is reported as that, unless an attack cut it before.
int Adjudicator::support_result(int unit) const {
    bool dislodging = false;
    for (int attacker = first_mover_[units_[unit].province]; attacker >= 0; attacker = next_mover_[attacker]) {
        const Cut cut = const_cast<Adjudicator*>(this)->cut_by(unit, attacker);
        if (cut == Cut::kAttack) return kCut;
        // (For an army that goes VIA, the package does not call this a cut.)
        dislodging |= moved(attacker) && (cut == Cut::kDislodge || (cut == Cut::kDislodgeByConvoy && !units_[attacker].via));
    }
    const int aided = units_[unit].aided;
    if (is_move(aided) && final_path(aided) == Path::kNone) return kNoConvoy;
    return dislodging ? kCut : 0;
}

void Adjudicator::report(Report& report) const {
    const int first = report.count;
    for (int i = 0; i < count_; ++i) {
        const UnitOrder& unit = units_[i];
        int result = unit.flaw;
        const int attacker = dislodger(i);
        if (is_move(i) && !moved(i)) result |= final_path(i) == Path::kNone ? kNoConvoy : kBounce;
        if (unit.order == OrderKind::kSupport && !unit.flaw) result |= support_result(i);
        if (unit.order == OrderKind::kConvoy && !unit.flaw && attacker < 0) {
            if (truth_[i] != Truth::kYes) result |= kDisrupted;
            else if (final_path(unit.aided) == Path::kNone) result |= kNoConvoy;
        }
        if (attacker >= 0) result |= kDislodgedResult;
        report.add(unit.kind, unit.location, result);
        if (attacker >= 0) report.units[report.count - 1].by = units_[attacker].location;
    }
    for (int i = 0; i < count_; ++i) {
        if (!is_move(i) || first_support_[i] < 0 || !wastes_support(i)) continue;
        const int power = units_[occupant_[units_[i].target_province]].power;
        for (int s = first_support_[i]; s >= 0; s = next_support_[s])
            if (units_[s].power == power && truth_[s] == Truth::kYes) report.units[first + s].results |= kVoid;
    }
}

void resolve_movement(const Position& position, const Orders& orders, Position& next, Report* report, int defects) {
    Adjudicator adjudicator(position, orders, defects);
    adjudicator.resolve_all();
    adjudicator.apply(next);
    if (report) adjudicator.report(*report);
}

}  // namespace rules
