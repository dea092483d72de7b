#include "position.hpp"

#include <algorithm>
#include <cstring>

namespace rules {

namespace {

constexpr int kCentersToWin = 18;

uint64_t mix(uint64_t hash, uint64_t value) {
    hash ^= value + 0x9e3779b97f4a7c15ULL + (hash << 6) + (hash >> 2);
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
    return hash ^ (hash >> 31);
}

Order make(OrderKind kind, int unit_kind, int location) {
    Order order;
    order.kind = kind;
    order.unit_kind = static_cast<uint8_t>(unit_kind);
    order.location = static_cast<uint8_t>(location);
    return order;
}

Code with_target(Order order, int target, bool via = false) {
    order.target = static_cast<uint8_t>(target);
    order.via = via;
    return order.code();
}

}  // namespace

Position& Position::operator=(const Position& o) {
    if (this == &o) return *this;
    map = o.map;
    year = o.year;
    season = o.season;
    kind = o.kind;
    winner = o.winner;
    dislodged_count = o.dislodged_count;
    unit_power = o.unit_power;
    unit_kind = o.unit_kind;
    unit_location = o.unit_location;
    owner = o.owner;
    std::copy_n(o.dislodged.begin(), o.dislodged_count, dislodged.begin());
    return *this;
}

Position Position::start(const Map& map) {
    Position position;
    position.map = &map;
    position.year = static_cast<int16_t>(map.first_year);
    for (const StartingUnit& unit : map.starting_units) position.place(unit.power, unit.kind, unit.location);
    for (int center = 0; center < map.center_count(); ++center)
        position.owner[center] = static_cast<int8_t>(map.starting_owner[center]);
    return position;
}

bool Position::operator==(const Position& o) const {
    if (map != o.map || year != o.year || season != o.season || kind != o.kind || winner != o.winner ||
        dislodged_count != o.dislodged_count || unit_power != o.unit_power || unit_kind != o.unit_kind ||
        unit_location != o.unit_location || owner != o.owner)
        return false;
    for (int i = 0; i < dislodged_count; ++i) {
        const Dislodged &a = dislodged[i], &b = o.dislodged[i];
        if (a.power != b.power || a.kind != b.kind || a.location != b.location || !(a.retreats == b.retreats)) return false;
    }
    return true;
}

uint64_t Position::hash() const {
    uint64_t hash = mix(static_cast<uint64_t>(year) << 8 | static_cast<uint64_t>(season) << 4 | static_cast<uint64_t>(kind),
                        static_cast<uint64_t>(winner + 1));
    for (int province = 0; province < map->province_count(); ++province)
        if (unit_power[province] >= 0)
            hash = mix(hash, static_cast<uint64_t>(unit_location[province]) << 8 | static_cast<uint64_t>(unit_power[province]) << 1 | unit_kind[province]);
    for (int center = 0; center < map->center_count(); center += 8) {
        uint64_t owners;
        std::memcpy(&owners, owner.data() + center, sizeof owners);
        hash = mix(hash, owners);
    }
    for (int i = 0; i < dislodged_count; ++i) {
        hash = mix(hash, static_cast<uint64_t>(dislodged[i].location) << 8 | static_cast<uint64_t>(dislodged[i].power) << 1 | dislodged[i].kind);
        hash = mix(mix(hash, dislodged[i].retreats.low), dislodged[i].retreats.high);
    }
    return hash;
}

std::string Position::phase_text() const {
    return std::string(1, "SFW"[static_cast<int>(season)]) + std::to_string(year) + "MRA"[static_cast<int>(kind)];
}

void Position::set_phase(const std::string& text) {
    const auto fail = [&] { throw IllegalStateError("unknown phase '" + text + "': expected one such as S1901M, F1903R or W1904A"); };
    if (text.size() != 6 || !std::all_of(text.begin() + 1, text.begin() + 5, [](char c) { return c >= '0' && c <= '9'; })) fail();
    const std::string ends{text[0], text[5]};
    if (ends == "SM" || ends == "SR") season = Season::kSpring;
    else if (ends == "FM" || ends == "FR") season = Season::kFall;
    else if (ends == "WA") season = Season::kWinter;
    else fail();
    kind = text[5] == 'M' ? PhaseKind::kMovement : text[5] == 'R' ? PhaseKind::kRetreats : PhaseKind::kAdjustments;
    year = static_cast<int16_t>(std::stoi(text.substr(1, 4)));
}

void Position::place(int power, int unit, int location) {
    const int province = map->province_of[location];
    unit_power[province] = static_cast<int8_t>(power);
    unit_kind[province] = static_cast<uint8_t>(unit);
    unit_location[province] = static_cast<uint8_t>(location);
}

int Position::unit_count(int power) const {
    return static_cast<int>(std::count(unit_power.begin(), unit_power.begin() + map->province_count(), power));
}

int Position::center_count(int power) const {
    return static_cast<int>(std::count(owner.begin(), owner.begin() + map->center_count(), power));
}

int Position::build_count(int power) const {
    if (kind != PhaseKind::kAdjustments) return 0;
    const int difference = center_count(power) - unit_count(power);
    if (difference <= 0) return difference;
    int free = 0;
    for (int home : map->home_provinces[power]) free += may_build_at(power, home);
    return std::min(difference, free);
}

const Dislodged* Position::dislodged_from(int province) const {
    for (int i = 0; i < dislodged_count; ++i)
        if (map->province_of[dislodged[i].location] == province) return &dislodged[i];
    return nullptr;
}

std::vector<int> Position::orderable(int power) const {
    std::vector<int> found;
    if (kind == PhaseKind::kRetreats) {
        for (int i = 0; i < dislodged_count; ++i)
            if (dislodged[i].power == power) found.push_back(map->province_of[dislodged[i].location]);
        std::sort(found.begin(), found.end());
        return found;
    }
    const int builds = build_count(power);
    for (int province = 0; province < map->province_count(); ++province) {
        const bool is_orderable = kind == PhaseKind::kMovement || builds < 0 ? unit_power[province] == power
                                                                             : builds > 0 && may_build_at(power, province);
        if (is_orderable) found.push_back(province);
    }
    return found;
}

Seas Position::fleets_at_sea() const {
    Seas fleets = 0;
    for (int province = 0; province < map->province_count(); ++province)
        if (map->sea_number[province] >= 0 && unit_power[province] >= 0) fleets |= Seas{1} << map->sea_number[province];
    return fleets;
}

Places Position::convoy_goals(int province, Seas fleets) const {
    Places goals;
    for (const Convoy& convoy : map->convoys[province])
        if (!(convoy.fleets & ~fleets)) goals |= convoy.goals;
    return goals;
}

void Position::append_movement(int province, std::vector<Code>& codes) const {
    const int unit = unit_kind[province], here = unit_location[province];
    codes.push_back(make(OrderKind::kHold, unit, here).code());
    const Seas fleets = fleets_at_sea();
    const Order move = make(OrderKind::kMove, unit, here);
    if (unit == kArmy) {
        map->army_moves[province].each([&](int goal) { codes.push_back(with_target(move, map->whole[goal])); });
        convoy_goals(province, fleets).each([&](int goal) { codes.push_back(with_target(move, map->whole[goal], true)); });
    } else {
        for (int goal : map->fleet_goals[here]) codes.push_back(with_target(move, goal));
    }

    const int own_sea = map->sea_number[province];
    const Seas others = own_sea < 0 ? fleets : fleets & ~(Seas{1} << own_sea);
    const Places reach = map->reach(unit, here);
    Order support = make(OrderKind::kSupport, unit, here);
    for (int from = 0; from < map->province_count(); ++from) {
        if (unit_power[from] < 0 || from == province) continue;
        const int there = unit_location[from];
        support.aided = static_cast<uint8_t>(there);
        support.aided_kind = unit_kind[from];
        support.target = kNone;
        if (reach.has(from)) codes.push_back(support.code());
        if (unit_kind[from] == kArmy) {
            const Places goals = reach & (map->army_moves[from] | convoy_goals(from, others));
            goals.each([&](int goal) { codes.push_back(with_target(support, map->whole[goal])); });
            continue;
        }
        (reach & map->fleet_moves[there]).each([&](int goal) {
            bool has_coasts = false;
            for (int place : map->fleet_places[goal]) {
                has_coasts |= place != map->whole[goal];
                if (map->fleet_locations[there].has(place)) codes.push_back(with_target(support, place));
            }
            if (has_coasts) codes.push_back(with_target(support, map->whole[goal]));
        });
    }

    if (own_sea < 0) return;
    Order convoy = make(OrderKind::kConvoy, unit, here);
    convoy.aided_kind = kArmy;
    for (int from = 0; from < map->province_count(); ++from) {
        if (unit_power[from] < 0 || unit_kind[from] != kArmy) continue;
        convoy.aided = unit_location[from];
        Places goals;
        for (const Convoy& route : map->convoys[from])
            if (!(route.fleets & ~fleets) && (route.fleets >> own_sea & 1)) goals |= route.goals;
        goals.each([&](int goal) { codes.push_back(with_target(convoy, map->whole[goal])); });
    }
}

bool Position::allows_movement(int province, const Order& order) const {
    const int unit = unit_kind[province], here = unit_location[province];
    if (order.unit_kind != unit || order.location != here) return false;
    const bool aids = order.kind == OrderKind::kSupport || order.kind == OrderKind::kConvoy;
    if (!aids && (order.aided != kNone || order.aided_kind != kArmy)) return false;
    if (order.via && !(order.kind == OrderKind::kMove && unit == kArmy)) return false;
    if (order.kind == OrderKind::kHold) return order.target == kNone;
    if (order.target != kNone && order.target >= map->location_count()) return false;
    const int goal = order.target == kNone ? -1 : map->province_of[order.target];
    const bool names_whole = goal >= 0 && map->whole[goal] == order.target;
    if (order.kind == OrderKind::kMove) {
        if (unit == kFleet) return goal >= 0 && map->fleet_locations[here].has(order.target);
        return names_whole && (order.via ? convoy_goals(province, fleets_at_sea()) : map->army_moves[province]).has(goal);
    }
    if (!aids || order.aided >= map->location_count()) return false;
    const int from = map->province_of[order.aided], own_sea = map->sea_number[province];
    if (from == province || unit_power[from] < 0 || unit_location[from] != order.aided || unit_kind[from] != order.aided_kind) return false;
    if (order.kind == OrderKind::kConvoy) {
        if (own_sea < 0 || order.aided_kind != kArmy || !names_whole) return false;
        const Seas fleets = fleets_at_sea();
        for (Seas route : map->routes(from, goal))
            if (!(route & ~fleets) && (route >> own_sea & 1)) return true;
        return false;
    }
    const Places reach = map->reach(unit, here);
    if (goal < 0) return reach.has(from);
    if (!reach.has(goal)) return false;
    if (order.aided_kind == kFleet)
        return map->fleet_locations[order.aided].has(order.target) || (names_whole && map->fleet_moves[order.aided].has(goal));
    if (!names_whole) return false;
    if (map->army_moves[from].has(goal)) return true;
    const Seas fleets = own_sea < 0 ? fleets_at_sea() : fleets_at_sea() & ~(Seas{1} << own_sea);
    return convoy_goals(from, fleets).has(goal);
}

void Position::append_legal(int province, std::vector<Code>& codes) const {
    if (winner != kNobody) return;
    if (kind == PhaseKind::kMovement) {
        if (unit_power[province] >= 0) append_movement(province, codes);
        return;
    }
    if (kind == PhaseKind::kRetreats) {
        if (const Dislodged* unit = dislodged_from(province)) {
            codes.push_back(make(OrderKind::kDisband, unit->kind, unit->location).code());
            const Order retreat = make(OrderKind::kRetreat, unit->kind, unit->location);
            unit->retreats.each([&](int goal) { codes.push_back(with_target(retreat, goal)); });
        }
        return;
    }
    if (unit_power[province] >= 0) {
        if (build_count(unit_power[province]) < 0)
            codes.push_back(make(OrderKind::kDisband, unit_kind[province], unit_location[province]).code());
        return;
    }
    const int power = map->home_of[province];
    if (power < 0 || !may_build_at(power, province) || build_count(power) <= 0) return;
    codes.push_back(make(OrderKind::kWaive, kArmy, kNone).code());
    if (map->can_stand(kArmy, map->whole[province])) codes.push_back(make(OrderKind::kBuild, kArmy, map->whole[province]).code());
    for (int place : map->fleet_places[province]) codes.push_back(make(OrderKind::kBuild, kFleet, place).code());
}

std::vector<Code> Position::legal_orders(int province) const {
    std::vector<Code> codes;
    append_legal(province, codes);
    std::sort(codes.begin(), codes.end());
    return codes;
}

int Position::count_legal() const {
    std::vector<Code> codes;
    for (int province = 0; province < map->province_count(); ++province) append_legal(province, codes);
    return static_cast<int>(codes.size());
}

bool Position::is_legal(int power, Code code) const {
    const Order order = Order::from(code);
    if (code < 0 || order.code() != code) return false;
    if (order.kind == OrderKind::kWaive)
        return winner == kNobody && order.code() == make(OrderKind::kWaive, kArmy, kNone).code() && build_count(power) > 0;
    if (order.location >= map->location_count()) return false;
    const int province = map->province_of[order.location];
    int subject = unit_power[province];
    if (kind == PhaseKind::kRetreats) {
        const Dislodged* unit = dislodged_from(province);
        subject = unit ? unit->power : kNobody;
    } else if (order.kind == OrderKind::kBuild) {
        subject = map->home_of[province];
    }
    if (subject != power) return false;
    if (kind == PhaseKind::kMovement) return winner == kNobody && allows_movement(province, order);
    std::vector<Code> codes;
    append_legal(province, codes);
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// Why the order cannot be taken, or empty.  `seen`: provinces ordered so far; `left`: adjustments left.
std::string Position::illegal(int power, Code code, bool* repeated, Places& seen, int& left) const {
    *repeated = false;
    const auto text = [&] {
        try {
            return order_text(*map, code);
        } catch (const OrderTextError&) {
            return "code " + std::to_string(code);
        }
    };
    const std::string where = " of " + map->powers[power] + " in " + phase_text();
    if (!is_legal(power, code)) return "illegal order '" + text() + "'" + where + ": expected one of its legal orders";
    const Order order = Order::from(code);
    if (kind == PhaseKind::kAdjustments && left-- <= 0)
        return "one order too many, '" + text() + "'" + where + ": expected at most " + std::to_string(std::abs(build_count(power)));
    if (order.kind == OrderKind::kWaive) return "";
    const int province = map->province_of[order.location];
    if (seen.has(province)) {
        *repeated = true;
        return "second order to " + map->provinces[province] + ", '" + text() + "'" + where + ": expected one";
    }
    seen.add(province);
    return "";
}

void Position::check_orders(int power, const std::vector<Code>& codes) const {
    Places seen;
    bool repeated;
    int left = std::abs(build_count(power));
    for (Code code : codes) {
        const std::string problem = illegal(power, code, &repeated, seen, left);
        if (!problem.empty()) throw OrderLegalityError(problem);
    }
}

void Position::filter_orders(OrderLists& orders, std::vector<UnitResult>& voided) const {
    for (int power = 0; power < kPowers; ++power) {
        Places seen;
        bool repeated;
        int left = std::abs(build_count(power));
        std::vector<Code> kept;
        for (Code code : orders[power]) {
            if (illegal(power, code, &repeated, seen, left).empty()) {
                kept.push_back(code);
                continue;
            }
            const Order order = Order::from(code);
            const int province = order.location < map->location_count() ? map->province_of[order.location] : -1;
            if (!repeated && province >= 0 && unit_power[province] == power && kind == PhaseKind::kMovement)
                voided.push_back({order.unit_kind, order.location, kVoid});
        }
        orders[power] = kept;
    }
}

Position Position::step(const OrderLists& orders, std::vector<UnitResult>* results, int defects) const {
    Position next = *this;
    if (winner != kNobody) return next;
    next.dislodged_count = 0;
    switch (kind) {
        case PhaseKind::kMovement: resolve_movement(*this, orders, next, results, defects); break;
        case PhaseKind::kRetreats: resolve_retreats(*this, orders, next, results); break;
        case PhaseKind::kAdjustments: resolve_adjustments(*this, orders, next, results); break;
    }
    next.advance();
    return next;
}

void Position::advance() {
    if (kind == PhaseKind::kMovement && dislodged_count > 0) {
        kind = PhaseKind::kRetreats;
        return;
    }
    if (season == Season::kSpring) {
        season = Season::kFall;
        kind = PhaseKind::kMovement;
        return;
    }
    if (season == Season::kFall) {
        season = Season::kWinter;
        kind = PhaseKind::kAdjustments;
        capture_centers();
        if (winner != kNobody) return;
        for (int power = 0; power < kPowers; ++power)
            if (build_count(power) != 0) return;
    }
    season = Season::kSpring;
    kind = PhaseKind::kMovement;
    ++year;
}

void Position::capture_centers() {
    std::array<int, kPowers> count{};
    for (int center = 0; center < map->center_count(); ++center) {
        const int8_t occupant = unit_power[map->center_province[center]];
        if (occupant != kNobody) owner[center] = occupant;
        if (owner[center] != kNobody) ++count[owner[center]];
    }
    for (int power = 0; power < kPowers; ++power)
        if (count[power] >= kCentersToWin) winner = static_cast<int8_t>(power);
}

}  // namespace rules
