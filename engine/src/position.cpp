#include "position.hpp"

#include <algorithm>
#include <cstring>

#include "legal.hpp"

namespace rules {

namespace {

uint64_t unit_key(int power, int kind, int location) {
    return mix(static_cast<uint64_t>(location) << 8 | static_cast<uint64_t>(power) << 1 | static_cast<uint64_t>(kind));
}

uint64_t owner_key(int center, int power) {
    return mix(uint64_t{1} << 40 | static_cast<uint64_t>(center) << 8 | static_cast<uint64_t>(power));
}

}  // namespace

Position& Position::operator=(const Position& o) {
    if (this == &o) return *this;
    static_assert(std::is_trivially_copyable_v<Dislodged>);
    // Everything before the dislodged units, and as many of those as there are.
    std::memcpy(static_cast<void*>(this), &o, reinterpret_cast<const char*>(o.dislodged.data()) - reinterpret_cast<const char*>(&o));
    std::copy_n(o.dislodged.begin(), o.dislodged_count, dislodged.begin());
    return *this;
}

Position Position::start(const Map& map) {
    Position position;
    position.map = &map;
    position.year = static_cast<int16_t>(map.first_year);
    for (const StartingUnit& unit : map.starting_units) position.place(unit.power, unit.kind, unit.location);
    for (int center = 0; center < map.center_count(); ++center) position.set_owner(center, map.starting_owner[center]);
    return position;
}

bool Position::operator==(const Position& o) const {
    return map == o.map && year == o.year && season == o.season && kind == o.kind && winner == o.winner &&
           dislodged_count == o.dislodged_count && key_ == o.key_ && unit_power == o.unit_power && with_fleet_ == o.with_fleet_ &&
           unit_location == o.unit_location && owner == o.owner &&
           std::equal(dislodged.begin(), dislodged.begin() + dislodged_count, o.dislodged.begin());
}

uint64_t Position::hash() const {
    uint64_t hash = key_ ^ mix(uint64_t{1} << 48 | static_cast<uint64_t>(static_cast<uint16_t>(year)) << 16 | static_cast<uint64_t>(season) << 12 |
                               static_cast<uint64_t>(kind) << 8 | static_cast<uint64_t>(winner + 1));
    for (int i = 0; i < dislodged_count; ++i)
        hash = mix(hash ^ unit_key(dislodged[i].power, dislodged[i].kind, dislodged[i].location)) ^ dislodged[i].retreats;
    return hash;
}

std::string Position::phase_text() const {
    const char digits[] = {static_cast<char>('0' + year / 1000), static_cast<char>('0' + year / 100 % 10),
                           static_cast<char>('0' + year / 10 % 10), static_cast<char>('0' + year % 10)};
    return std::string(1, "SFW"[static_cast<int>(season)]) + std::string(digits, 4) + "MRA"[static_cast<int>(kind)];
}

void Position::set_phase(const std::string& text) {
    const auto fail = [&] { throw IllegalStateError("unknown phase '" + text.substr(0, 20) + "': expected one such as S1901M, F1903R or W1904A"); };
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
    if (unit == kFleet) with_fleet_.add(province);
    unit_location[province] = static_cast<Location>(location);
    occupied_.add(province);
    if (unit == kFleet && map->sea_number[province] >= 0) fleets_ |= sea_bit(map->sea_number[province]);
    ++unit_count_[power];
    key_ ^= unit_key(power, unit, location);
}

void Position::lift(int province) {
    key_ ^= unit_key(unit_power[province], kind_at(province), unit_location[province]);
    --unit_count_[unit_power[province]];
    if (map->sea_number[province] >= 0) fleets_ &= ~sea_bit(map->sea_number[province]);
    occupied_.remove(province);
    unit_power[province] = kNobody;
    with_fleet_.remove(province);
    unit_location[province] = 0;
}

void Position::set_owner(int center, int power) {
    if (owner[center] >= 0) {
        key_ ^= owner_key(center, owner[center]);
        --center_count_[owner[center]];
    }
    owner[center] = static_cast<int8_t>(power);
    if (power < 0) return;
    key_ ^= owner_key(center, power);
    ++center_count_[power];
}

int Position::build_count(int power) const {
    if (kind != PhaseKind::kAdjustments) return 0;
    const int difference = center_count(power) - unit_count(power);
    if (difference <= 0) return difference;
    int free = 0;
    for (int site : map->build_anywhere ? map->center_province : map->home_provinces[power]) free += may_build_at(power, site);
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

bool Position::allows_movement(int province, const Order& order) const {
    const int unit = kind_at(province), here = unit_location[province];
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
        return names_whole && (order.via ? map->convoy_goals(province, fleets_) : map->army_moves[province]).has(goal);
    }
    if (!aids || order.aided >= map->location_count()) return false;
    const int from = map->province_of[order.aided], own_sea = unit == kFleet ? map->sea_number[province] : -1;
    if (from == province || unit_power[from] < 0 || unit_location[from] != order.aided || kind_at(from) != order.aided_kind) return false;
    if (order.kind == OrderKind::kConvoy) {
        if (own_sea < 0 || order.aided_kind != kArmy || !names_whole) return false;
        bool helps = false;
        map->each_convoy(from, fleets_, [&](Seas route, const Places& goals) { helps |= (route >> own_sea & 1) && goals.has(goal); });
        return helps;
    }
    const Places& reach = map->reach(unit, here);
    if (goal < 0) return reach.has(from);
    if (!reach.has(goal)) return false;
    if (order.aided_kind == kFleet)
        return map->fleet_locations[order.aided].has(order.target) || (names_whole && map->fleet_moves[order.aided].has(goal));
    if (!names_whole) return false;
    if (map->army_moves[from].has(goal)) return true;
    return map->convoy_goals(from, own_sea < 0 ? fleets_ : fleets_ & ~sea_bit(own_sea)).has(goal);
}

int Position::power_of(Code code) const {
    const int location = Order::location_of(code);
    if (location >= map->location_count()) return kNobody;
    const int province = map->province_of[location];
    if (kind == PhaseKind::kRetreats) {
        const Dislodged* unit = dislodged_from(province);
        return unit ? unit->power : kNobody;
    }
    if (Order::kind_of(code) != OrderKind::kBuild) return unit_power[province];
    return map->center_of[province] < 0 ? kNobody : owner[map->center_of[province]];
}

bool Position::is_legal(int power, Code code) const {
    const Order order = Order::from(code);
    if (power < 0 || code < 0 || order.code() != code || is_over()) return false;
    if (order.kind == OrderKind::kWaive) return code == Order::plain(OrderKind::kWaive, kArmy, kNone) && build_count(power) > 0;
    if (power_of(code) != power) return false;
    const int province = map->province_of[order.location];
    if (kind == PhaseKind::kMovement) return allows_movement(province, order);
    if (kind == PhaseKind::kRetreats) {
        const Dislodged& unit = *dislodged_from(province);
        if (unit.kind != order.unit_kind || unit.location != order.location) return false;
        if (code == Order::plain(OrderKind::kDisband, unit.kind, unit.location)) return true;
        const auto& ways = map->ways(unit.kind, unit.location);
        for (Ways bits = unit.retreats; bits; bits &= bits - 1)
            if (code == Order::aimed(Order::plain(OrderKind::kRetreat, unit.kind, unit.location), ways[lowest(bits)])) return true;
        return false;
    }
    if (code != Order::plain(order.kind, order.unit_kind, order.location)) return false;
    if (order.kind == OrderKind::kDisband)
        return build_count(power) < 0 && kind_at(province) == order.unit_kind && unit_location[province] == order.location;
    return order.kind == OrderKind::kBuild && may_build_at(power, province) && build_count(power) > 0 &&
           map->can_stand(order.unit_kind, order.location);
}

std::string Position::text_of(Code code) const {
    try {
        return order_text(*map, code);
    } catch (const OrderTextError&) {
        return "code " + std::to_string(code);
    }
}

// Why the order cannot be taken, or empty.  `seen`: provinces ordered so far; `left`: adjustments left.
std::string Position::illegal(int power, Code code, bool* repeated, Places& seen, int& left) const {
    *repeated = false;
    const auto where = [&] { return " of " + (power < 0 ? "nobody" : map->powers[power]) + " in " + phase_text(); };
    if (!is_legal(power, code)) return "illegal order '" + text_of(code) + "'" + where() + ": expected one of its legal orders";
    const bool waive = Order::kind_of(code) == OrderKind::kWaive;
    const int province = waive ? -1 : map->province_of[Order::location_of(code)];
    if (!waive && seen.has(province)) {
        *repeated = true;
        return "second order to " + map->provinces[province] + ", '" + text_of(code) + "'" + where() + ": expected one";
    }
    if (kind == PhaseKind::kAdjustments && left-- <= 0)
        return "one order too many, '" + text_of(code) + "'" + where() + ": expected at most " + std::to_string(std::abs(build_count(power)));
    if (waive) return {};
    seen.add(province);
    return {};
}

void Position::check_orders(int power, const Code* codes, int count) const {
    Places seen;
    bool repeated;
    int left = std::abs(build_count(power));
    for (int i = 0; i < count; ++i) {
        const std::string problem = illegal(power, codes[i], &repeated, seen, left);
        if (!problem.empty()) throw OrderLegalityError(problem);
    }
}

void Position::check_orders(const Orders& orders, long row) const {
    Places seen;
    bool repeated;
    std::array<int, kPowers> left{};
    if (kind == PhaseKind::kAdjustments)
        for (int power = 0; power < map->power_count(); ++power) left[power] = std::abs(build_count(power));
    for (Code code : orders) {
        const int power = power_of(code);
        int none = 0;
        const std::string problem = illegal(power, code, &repeated, seen, power < 0 ? none : left[power]);
        if (!problem.empty()) throw OrderLegalityError(row < 0 ? problem : "row " + std::to_string(row) + ": " + problem);
    }
}

void Position::keep_legal(int power, const Code* codes, int count, Orders& kept, Report& voided) const {
    Places seen, reported;
    bool repeated;
    int left = std::abs(build_count(power));
    for (int i = 0; i < count; ++i) {
        if (illegal(power, codes[i], &repeated, seen, left).empty()) {
            if (Order::kind_of(codes[i]) != OrderKind::kWaive) kept.add(codes[i]);
            continue;
        }
        const Order order = Order::from(codes[i]);
        const int province = order.location < map->location_count() ? map->province_of[order.location] : -1;
        if (repeated || province < 0 || unit_power[province] != power || kind != PhaseKind::kMovement || reported.has(province)) continue;
        reported.add(province);
        voided.add(order.unit_kind, order.location, kVoid);
    }
}

void Position::step(const Orders& orders, Position& next, Report* report, int defects) const {
    next = *this;
    if (is_over()) return;
    next.dislodged_count = 0;
    switch (kind) {
        case PhaseKind::kMovement: resolve_movement(*this, orders, next, report, defects); break;
        case PhaseKind::kRetreats: resolve_retreats(*this, orders, next, report); break;
        case PhaseKind::kAdjustments: resolve_adjustments(*this, orders, next, report); break;
    }
    next.advance();
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
        if (is_over()) return;
        for (int power = 0; power < map->power_count(); ++power)
            if (build_count(power) != 0) return;
    }
    season = Season::kSpring;
    kind = PhaseKind::kMovement;
    year = static_cast<int16_t>(year == 9999 ? 9999 : year + 1);  // a phase's text has four digits
}

void Position::capture_centers() {
    for (int center = 0; center < map->center_count(); ++center) {
        const int8_t occupant = unit_power[map->center_province[center]];
        if (occupant != kNobody && occupant != owner[center]) set_owner(center, occupant);
    }
    // Two can reach the number only on boards that ask for less than half of the centres.
    int most = map->victory_centers - 1;
    for (int power = 0; power < map->power_count(); ++power) {
        if (center_count(power) > most) {
            most = center_count(power);
            winner = static_cast<int8_t>(power);
        } else if (center_count(power) == most && winner != kNobody) {
            winner = kNobody;
        }
    }
}

}  // namespace rules
