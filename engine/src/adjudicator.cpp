#include "adjudicator.hpp"

#include <algorithm>

namespace rules {

Adjudicator::Adjudicator(const Position& position, const OrderLists& orders, int defects)
    : position_(position), map_(*position.map), defects_(defects) {
    occupant_.fill(-1);
    first_mover_.fill(-1);
    first_support_.fill(-1);
    state_.fill(State::kOpen);
    no_land_.fill(false);
    success_.fill(false);
    for (int province = 0; province < map_.province_count(); ++province) {
        if (position.unit_power[province] < 0) continue;
        UnitOrder& unit = units_[count_];
        unit = UnitOrder{};
        unit.power = position.unit_power[province];
        unit.kind = position.unit_kind[province];
        unit.location = position.unit_location[province];
        unit.province = static_cast<uint8_t>(province);
        if (map_.sea_number[province] >= 0) fleet_at_[map_.sea_number[province]] = static_cast<int8_t>(count_);
        occupant_[province] = static_cast<int8_t>(count_++);
    }
    read_orders(orders);
    match_convoys();
    match_supports();
}

void Adjudicator::read_orders(const OrderLists& orders) {
    for (const auto& list : orders) {
        for (Code code : list) {
            const Order order = Order::from(code);
            const int index = occupant_[map_.province_of[order.location]];
            UnitOrder& unit = units_[index];
            unit.order = order.kind;
            unit.target = order.target;
            unit.via = order.via;
            if (order.aided != kNone) unit.aided = occupant_[map_.province_of[order.aided]];
            if (order.target != kNone) unit.target_province = static_cast<uint8_t>(map_.province_of[order.target]);
            else if (unit.aided >= 0) unit.target_province = units_[unit.aided].province;
            if (order.kind == OrderKind::kMove) {
                next_mover_[index] = first_mover_[unit.target_province];
                first_mover_[unit.target_province] = static_cast<int8_t>(index);
            }
        }
    }
}

void Adjudicator::match_convoys() {
    for (int i = 0; i < count_; ++i) {
        UnitOrder& fleet = units_[i];
        if (fleet.order != OrderKind::kConvoy) continue;
        UnitOrder& army = units_[fleet.aided];
        if (army.order == OrderKind::kMove && army.target == fleet.target)
            army.convoyers |= Seas{1} << map_.sea_number[fleet.province];
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
    Seas useful = 0, possible = 0;
    Seas at_sea = 0;
    for (int i = 0; i < count_; ++i)
        if (map_.sea_number[units_[i].province] >= 0) at_sea |= Seas{1} << map_.sea_number[units_[i].province];
    if (unit.convoyers) {
        for (Seas route : map_.routes(unit.province, unit.target_province)) {
            if (!(route & ~at_sea)) possible |= route;
            if (!(route & ~unit.convoyers)) useful |= route;
        }
    }
    bool intent = unit.via || !adjacent;
    for (Seas fleets = unit.convoyers & possible; fleets && !intent; fleets &= fleets - 1)
        intent = units_[fleet_at_[__builtin_ctz(fleets)]].power == unit.power;
    unit.by_convoy = useful != 0 && intent;
    unit.by_land = adjacent && !(unit.by_convoy && unit.via);
    if (!unit.by_convoy && !adjacent) unit.flaw |= kNoConvoy;
    const Seas idle = unit.by_convoy ? unit.convoyers & ~useful : unit.convoyers;
    for (Seas fleets = idle; fleets; fleets &= fleets - 1)
        units_[fleet_at_[__builtin_ctz(fleets)]].flaw |= kNoConvoy | kVoid;
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
        first_support_[unit.aided] = static_cast<int8_t>(i);
    }
}

void Adjudicator::resolve_all() {
    for (int i = 0; i < count_; ++i)
        if (units_[i].order != OrderKind::kHold) decide(i);
}

bool Adjudicator::decide(int unit) {
    switch (state_[unit]) {
        case State::kDone: return success_[unit];
        case State::kGuessing: lowest_ = std::min<int>(lowest_, depth_[unit]); return success_[unit];
        case State::kProvisional: lowest_ = std::min<int>(lowest_, rests_on_[unit]); return success_[unit];
        case State::kOpen: break;
    }
    const int outer_lowest = lowest_, depth = level_++, from = provisional_count_;
    lowest_ = kFar;
    depth_[unit] = static_cast<int16_t>(depth);
    success_[unit] = false;
    state_[unit] = State::kGuessing;
    const bool outcome = judge(unit);
    --level_;
    if (lowest_ < depth) {
        // Part of a ring that is entered further up.
        success_[unit] = outcome;
        rests_on_[unit] = static_cast<int16_t>(lowest_);
        state_[unit] = State::kProvisional;
        provisional_[provisional_count_++] = static_cast<int8_t>(unit);
        lowest_ = std::min(outer_lowest, lowest_);
        return outcome;
    }
    if (lowest_ == depth) {
        settle_ring(unit, from);
    } else {
        success_[unit] = outcome;
        state_[unit] = State::kDone;
    }
    lowest_ = outer_lowest;
    return decide(unit);
}

// Whether the formulas of a ring's decisions give what `choice` sets them to.
bool Adjudicator::agrees(const std::vector<int>& ring, uint32_t choice) {
    for (size_t i = 0; i < ring.size(); ++i) {
        state_[ring[i]] = State::kGuessing;
        success_[ring[i]] = (choice >> i & 1) != 0;
    }
    for (size_t i = 0; i < ring.size(); ++i)
        if (judge(ring[i]) != ((choice >> i & 1) != 0)) return false;
    return true;
}

// Settles the ring that `head` entered; its other decisions are the provisional ones from an index on.
void Adjudicator::settle_ring(int head, int from) {
    std::vector<int> ring{head};
    const int depth = level_;
    uint32_t solutions = 0, best = 0, some = 0, all = ~0u;
    int most_moves = -1;
    for (bool complete = false; !complete;) {
        for (; provisional_count_ > from; --provisional_count_) ring.push_back(provisional_[provisional_count_ - 1]);
        if (ring.size() > kMaxRing) break;
        for (int unit : ring) depth_[unit] = static_cast<int16_t>(depth);
        level_ = depth + 1;
        solutions = some = 0;
        all = ~0u;
        most_moves = -1;
        complete = true;
        for (uint32_t choice = 0; complete && choice < 1u << ring.size(); ++choice) {
            const bool agreed = agrees(ring, choice);
            complete = provisional_count_ == from;  // otherwise it met more decisions of the ring
            if (!agreed) continue;
            ++solutions;
            some |= choice;
            all &= choice;
            int moves = 0;
            for (size_t i = 0; i < ring.size(); ++i) moves += is_move(ring[i]) && (choice >> i & 1);
            if (moves > most_moves) {
                most_moves = moves;
                best = choice;
            }
        }
        level_ = depth;
    }
    const auto is_convoy = [&](size_t i) { return units_[ring[i]].order == OrderKind::kConvoy; };
    bool paradox = solutions == 0;
    for (size_t i = 0; i < ring.size(); ++i) paradox |= is_convoy(i) && ((some & ~all) >> i & 1);
    for (size_t i = 0; i < ring.size(); ++i) {
        const int unit = ring[i];
        const bool differs = solutions == 0 || ((some & ~all) >> i & 1);
        state_[unit] = State::kOpen;
        if (!paradox) {
            success_[unit] = (best >> i & 1) != 0;
            state_[unit] = State::kDone;
        } else if (is_convoy(i) && differs) {
            success_[unit] = false;
            state_[unit] = State::kDone;
        }
        // An army whose convoy fails in such a ring does not go by land: that could undo the failure.
        if (is_convoy(i) && state_[unit] == State::kDone && !success_[unit]) no_land_[unit] = true;
    }
    const bool settled = std::any_of(ring.begin(), ring.end(), [&](int unit) { return state_[unit] == State::kDone; });
    if (!settled) {
        success_[head] = false;  // cannot happen by the rules; a bounce is safe
        state_[head] = State::kDone;
    }
}

bool Adjudicator::judge(int unit) {
    switch (units_[unit].order) {
        case OrderKind::kMove: return judge_move(unit);
        case OrderKind::kSupport: return judge_support(unit);
        default: return judge_convoy(unit);
    }
}

bool Adjudicator::fleets_hold(Seas fleets) {
    for (; fleets; fleets &= fleets - 1)
        if (!decide(fleet_at_[__builtin_ctz(fleets)])) return false;
    return true;
}

// Whether a chain of convoying fleets survives, none of them in `without`.
bool Adjudicator::has_route(int unit, Seas without) {
    const UnitOrder& army = units_[unit];
    for (Seas route : map_.routes(army.province, army.target_province))
        if (!(route & ~army.convoyers) && !(route & without) && fleets_hold(route)) return true;
    return false;
}

Adjudicator::Path Adjudicator::path(int unit) {
    const UnitOrder& mover = units_[unit];
    if (mover.flaw & kNoConvoy) return Path::kNone;
    if (!mover.by_convoy) return Path::kLand;
    if (has_route(unit)) return Path::kConvoy;
    if (!mover.by_land) return Path::kNone;
    for (Seas fleets = mover.convoyers; fleets; fleets &= fleets - 1) {
        const int fleet = fleet_at_[__builtin_ctz(fleets)];
        if ((defects_ & kFalseParadox) && chain_reaches(mover.target_province, units_[fleet].province, true)) return Path::kNone;
        if (no_land_[fleet] || state_[fleet] == State::kGuessing || state_[fleet] == State::kProvisional) return Path::kNone;
    }
    return Path::kLand;
}

bool Adjudicator::meets_head_on(int unit, Path own_path, int other) {
    return own_path == Path::kLand && other >= 0 && is_move(other) &&
           units_[other].target_province == units_[unit].province && path(other) == Path::kLand;
}

int Adjudicator::support(int unit, int except_power) {
    int strength = 0;
    for (int s = first_support_[unit]; s >= 0; s = next_support_[s])
        if (units_[s].power != except_power && decide(s)) ++strength;
    return strength;
}

int Adjudicator::prevent_strength(int unit) {
    const Path own_path = path(unit);
    if (own_path == Path::kNone) return 0;
    const int other = occupant_[units_[unit].target_province];
    if (meets_head_on(unit, own_path, other) && decide(other)) return 0;
    return 1 + support(unit);
}

bool Adjudicator::judge_move(int unit) {
    const UnitOrder& mover = units_[unit];
    const Path own_path = path(unit);
    if (own_path == Path::kNone) return false;
    const int goal = mover.target_province;
    const int other = occupant_[goal];
    int attack, resistance = 0;
    if (other < 0) {
        attack = 1 + support(unit);
    } else {
        const bool head_on = meets_head_on(unit, own_path, other);
        if (!head_on && is_move(other) && decide(other)) {
            attack = 1 + support(unit);
        } else {
            if (units_[other].power == mover.power) return false;
            attack = 1 + support(unit, counts_all_support(unit) ? kNobody : units_[other].power);
            if (head_on) resistance = 1 + support(other, defects_ & kWeakHeadOn ? mover.power : kNobody);
            else resistance = units_[other].order == OrderKind::kMove ? 1 : 1 + support(other);
        }
    }
    if (attack <= resistance) return false;
    for (int rival = first_mover_[goal]; rival >= 0; rival = next_mover_[rival])
        if (rival != unit && attack <= prevent_strength(rival)) return false;
    return true;
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
    const bool needs = sea >= 0 && (mover.convoyers >> sea & 1) && !has_route(attacker, Seas{1} << sea);
    return needs ? Cut::kDislodgeByConvoy : Cut::kAttack;
}

bool Adjudicator::judge_support(int unit) {
    if (units_[unit].flaw) return false;
    for (int attacker = first_mover_[units_[unit].province]; attacker >= 0; attacker = next_mover_[attacker]) {
        const Cut cut = cut_by(unit, attacker);
        if (cut == Cut::kAttack || (cut != Cut::kNever && decide(attacker))) return false;
    }
    return true;
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
bool Adjudicator::is_outnumbered(int fleet) {
    const int sea = units_[fleet].province, goal = units_[fleet].target_province;
    const int own = 1 + support(fleet);
    int best = own, attackers = 0;
    bool foreign = false;
    for (int attacker = first_mover_[sea]; attacker >= 0; attacker = next_mover_[attacker]) {
        if (path(attacker) == Path::kNone) continue;
        const bool counts_all = (defects_ & kDisruptedByOwnSupport) != 0;
        const int strength = 1 + support(attacker, counts_all ? kNobody : units_[fleet].power);
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
    if (!foreign) return false;
    if ((defects_ & kFalseParadox) && chain_reaches(goal, sea, false)) return true;
    if (best == own) return false;
    if (attackers == 1) return true;
    const int there = occupant_[goal];
    return (defects_ & kFalseParadox) && there >= 0 && units_[there].target_province == sea &&
           (units_[there].order == OrderKind::kSupport || units_[there].order == OrderKind::kMove);
}

bool Adjudicator::judge_convoy(int unit) {
    if (defects_ & (kDisruptedByOwnSupport | kFalseParadox)) return !is_outnumbered(unit);
    for (int attacker = first_mover_[units_[unit].province]; attacker >= 0; attacker = next_mover_[attacker])
        if (decide(attacker)) return false;
    return true;
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
    Places contested;
    for (int i = 0; i < count_; ++i)
        if (moved(i)) next.lift(units_[i].province);
    for (int i = 0; i < count_; ++i) {
        const UnitOrder& unit = units_[i];
        if (moved(i)) next.place(unit.power, unit.kind, unit.target);
        else if (is_move(i) && const_cast<Adjudicator*>(this)->prevent_strength(i) > 0) contested.add(unit.target_province);
    }
    for (int i = 0; i < count_; ++i) {
        const int attacker = dislodger(i);
        if (attacker < 0) continue;
        const UnitOrder& unit = units_[i];
        Dislodged gone;
        gone.power = unit.power;
        gone.kind = unit.kind;
        gone.location = unit.location;
        const int closed = final_path(attacker) == Path::kLand ? units_[attacker].province : -1;
        const auto open = [&](int province) {
            if ((defects_ & kRetreatAfterConvoy) && closed < 0) return true;
            return next.unit_power[province] < 0 && province != closed && !contested.has(province);
        };
        if (unit.kind == kArmy) {
            map_.army_moves[unit.province].each([&](int goal) { if (open(goal)) gone.retreats.add(map_.whole[goal]); });
        } else {
            for (int goal : map_.fleet_goals[unit.location])
                if (open(map_.province_of[goal])) gone.retreats.add(goal);
        }
        if (gone.retreats.any()) next.dislodged[next.dislodged_count++] = gone;
    }
}

int Adjudicator::final_strength(int unit) const {
    return 1 + const_cast<Adjudicator*>(this)->support(unit);
}

// Whether support for this move by the power of the unit in its way is reported as void: it may not help
// to dislodge that unit.  (Where the move fails even with it, the support is reported as given.)
bool Adjudicator::wastes_support(int unit) const {
    const int other = occupant_[units_[unit].target_province];
    const Path way = final_path(unit);
    if (way == Path::kNone || other < 0 || counts_all_support(unit)) return false;
    if (const_cast<Adjudicator*>(this)->meets_head_on(unit, way, other)) return true;
    if (moved(other)) return false;
    if (moved(unit)) return true;
    const int strength = final_strength(unit);
    if (strength <= (units_[other].order == OrderKind::kMove ? 1 : final_strength(other))) return false;
    for (int rival = first_mover_[units_[unit].target_province]; rival >= 0; rival = next_mover_[rival])
        if (rival != unit && final_path(rival) != Path::kNone && strength <= final_strength(rival)) return false;
    return true;
}

// A support for an army whose convoy fails is reported as that, unless an attack cut it before.
uint16_t Adjudicator::support_result(int unit) const {
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

void Adjudicator::report(std::vector<UnitResult>& results) const {
    const size_t first = results.size();
    for (int i = 0; i < count_; ++i) {
        const UnitOrder& unit = units_[i];
        uint16_t result = unit.flaw;
        const bool dislodged = dislodger(i) >= 0;
        if (is_move(i) && !success_[i]) result |= final_path(i) == Path::kNone ? kNoConvoy : kBounce;
        if (unit.order == OrderKind::kSupport && !unit.flaw) result |= support_result(i);
        if (unit.order == OrderKind::kConvoy && !unit.flaw && !dislodged) {
            if (!success_[i]) result |= kDisrupted;
            else if (final_path(unit.aided) == Path::kNone) result |= kNoConvoy;
        }
        if (dislodged) result |= kDislodgedResult;
        results.push_back({unit.kind, unit.location, result});
    }
    for (int i = 0; i < count_; ++i) {
        if (!is_move(i) || first_support_[i] < 0 || !wastes_support(i)) continue;
        const int power = units_[occupant_[units_[i].target_province]].power;
        for (int s = first_support_[i]; s >= 0; s = next_support_[s])
            if (units_[s].power == power && success_[s]) results[first + s].results |= kVoid;
    }
}

void resolve_movement(const Position& position, const OrderLists& orders, Position& next, std::vector<UnitResult>* results, int defects) {
    Adjudicator adjudicator(position, orders, defects);
    adjudicator.resolve_all();
    adjudicator.apply(next);
    if (results) adjudicator.report(*results);
}

void resolve_retreats(const Position& position, const OrderLists& orders, Position& next, std::vector<UnitResult>* results) {
    const Map& map = *position.map;
    std::array<int, kMaxDislodged> goal;
    std::array<int, kMaxProvinces> wanted{};
    for (int i = 0; i < position.dislodged_count; ++i) {
        const Dislodged& unit = position.dislodged[i];
        goal[i] = -1;
        for (Code code : orders[unit.power]) {
            const Order order = Order::from(code);
            if (order.location == unit.location && order.kind == OrderKind::kRetreat) goal[i] = order.target;
        }
        if (goal[i] >= 0) ++wanted[map.province_of[goal[i]]];
    }
    for (int i = 0; i < position.dislodged_count; ++i) {
        const Dislodged& unit = position.dislodged[i];
        uint16_t result = 0;
        if (goal[i] < 0) result = kDisband;
        else if (wanted[map.province_of[goal[i]]] > 1) result = kBounce | kDisband;
        else next.place(unit.power, unit.kind, goal[i]);
        if (results) results->push_back({unit.kind, unit.location, result});
    }
}

namespace {

// Who goes when a power in disorder must remove a unit: the farthest from home, fleets before armies, then by name.
int disorder_removal(const Position& position, int power) {
    const Map& map = *position.map;
    int found = -1, farthest = -1;
    for (int province = 0; province < map.province_count(); ++province) {
        if (position.unit_power[province] != power) continue;
        const int distance = 2 * map.distance_home(power, position.unit_kind[province], position.unit_location[province]) +
                             (position.unit_kind[province] == kFleet);
        if (distance > farthest) {
            farthest = distance;
            found = province;
        }
    }
    return found;
}

}  // namespace

void resolve_adjustments(const Position& position, const OrderLists& orders, Position& next, std::vector<UnitResult>* results) {
    const Map& map = *position.map;
    for (int power = 0; power < kPowers; ++power) {
        int due = -position.build_count(power);
        for (Code code : orders[power]) {
            const Order order = Order::from(code);
            if (order.kind == OrderKind::kWaive) continue;
            if (order.kind == OrderKind::kBuild) {
                next.place(power, order.unit_kind, order.location);
            } else {
                next.lift(map.province_of[order.location]);
                --due;
            }
            if (results) results->push_back({order.unit_kind, order.location, 0});
        }
        for (; due > 0; --due) {
            const int province = disorder_removal(next, power);
            if (results) results->push_back({next.unit_kind[province], next.unit_location[province], 0});
            next.lift(province);
        }
    }
}

}  // namespace rules
