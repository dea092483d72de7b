#include "legal.hpp"

namespace rules {

Situation::Situation(const Position& where) : position(where) {
    const Map& map = *position.map;
    const Seas fleets = position.fleets_at_sea();
    unit_at.fill(-1);
    position.occupied().each([&](int province) {
        Item& unit = units[count];
        unit_at[province] = static_cast<Index>(count++);
        unit.power = position.unit_power[province];
        unit.kind = position.kind_at(province);
        unit.location = position.unit_location[province];
        unit.province = province;
        unit.sea = unit.kind == kFleet ? map.sea_number[province] : -1;
        unit.moves = map.reach(unit.kind, unit.location);
        unit.by_convoy = {};
        unit.convoy_seas = 0;
        if (unit.kind == kFleet || !(map.seas_beside[province] & fleets)) return;
        unit.convoy_seas = map.connected(map.seas_beside[province], fleets);
        unit.by_convoy = map.convoy_goals(province, fleets);
    });
}

Places Situation::supportable(const Item& helper, const Item& other) const {
    const Map& map = *position.map;
    const Places& reach = helper.moves;
    if (!other.convoy_seas) return reach & other.moves;
    // A fleet cannot support the army that it would have to carry itself.
    const bool carries = helper.sea >= 0 && (other.convoy_seas >> helper.sea & 1);
    if (!carries) return reach & (other.moves | other.by_convoy);
    return reach & (other.moves | map.convoy_goals(other.province, position.fleets_at_sea() & ~sea_bit(helper.sea)));
}

void Situation::convoys_by_fleet(const Item& army, std::array<Places, kMaxSeas>& goals) const {
    for (Seas seas = army.convoy_seas; seas; seas &= seas - 1) goals[lowest(seas)] = {};
    position.map->each_convoy(army.province, army.convoy_seas, [&](Seas route, const Places& ends) {
        for (; route; route &= route - 1) goals[lowest(route)] |= ends;
    });
}

void LegalOrders::list(const Position& position) {
    const Map& map = *position.map;
    codes.clear();
    if (position.is_over()) {
        starts.fill(0);
        return;
    }
    if (position.kind == PhaseKind::kMovement) {
        list_movement(position);
        return;
    }
    std::array<int, kPowers> builds{};
    for (int power = 0; power < map.power_count(); ++power) builds[power] = position.build_count(power);
    for (int province = 0; province < map.province_count(); ++province) {
        starts[province] = static_cast<int32_t>(codes.size());
        if (position.kind == PhaseKind::kRetreats) list_retreats(position, province);
        else list_adjustments(position, province, builds);
    }
    starts[map.province_count()] = static_cast<int32_t>(codes.size());
}

void LegalOrders::list_movement(const Position& position) {
    const Map& map = *position.map;
    const Situation situation(position);
    // Goals of every army with the help of every fleet; filled for the armies that a fleet could carry.
    static thread_local std::vector<std::array<Places, kMaxSeas>> carried;
    carried.resize(static_cast<size_t>(situation.count));
    for (int i = 0; i < situation.count; ++i)
        if (situation.units[i].convoy_seas) situation.convoys_by_fleet(situation.units[i], carried[i]);

    int next_province = 0;
    for (int i = 0; i < situation.count; ++i) {
        const Situation::Item& unit = situation.units[i];
        for (; next_province <= unit.province; ++next_province) starts[next_province] = static_cast<int32_t>(codes.size());
        codes.push_back(Order::plain(OrderKind::kHold, unit.kind, unit.location));
        const Code move = Order::plain(OrderKind::kMove, unit.kind, unit.location);
        for (Location goal : map.ways(unit.kind, unit.location)) codes.push_back(Order::aimed(move, goal));
        unit.by_convoy.each([&](int goal) { codes.push_back(Order::by_convoy(Order::aimed(move, map.whole[goal]))); });

        const Code support = Order::plain(OrderKind::kSupport, unit.kind, unit.location);
        for (int j = 0; j < situation.count; ++j) {
            if (j == i) continue;
            const Situation::Item& other = situation.units[j];
            const Code aid = Order::aiding(support, other.kind, other.location);
            if (unit.moves.has(other.province)) codes.push_back(aid);
            const Places goals = situation.supportable(unit, other);
            goals.each([&](int goal) {
                if (other.kind == kArmy || !map.coasted.has(goal)) {
                    codes.push_back(Order::aimed(aid, map.whole[goal]));
                    return;
                }
                for (int place : map.fleet_places[goal])
                    if (map.fleet_locations[other.location].has(place)) codes.push_back(Order::aimed(aid, place));
                codes.push_back(Order::aimed(aid, map.whole[goal]));
            });
        }
        if (unit.sea < 0) continue;
        const Code convoy = Order::plain(OrderKind::kConvoy, unit.kind, unit.location);
        for (int j = 0; j < situation.count; ++j) {
            const Situation::Item& army = situation.units[j];
            if (!(army.convoy_seas >> unit.sea & 1)) continue;
            const Code aid = Order::aiding(convoy, kArmy, army.location);
            carried[j][unit.sea].each([&](int goal) { codes.push_back(Order::aimed(aid, map.whole[goal])); });
        }
    }
    for (; next_province <= map.province_count(); ++next_province) starts[next_province] = static_cast<int32_t>(codes.size());
}

void LegalOrders::list_retreats(const Position& position, int province) {
    const Dislodged* unit = position.dislodged_from(province);
    if (!unit) return;
    codes.push_back(Order::plain(OrderKind::kDisband, unit->kind, unit->location));
    const Code retreat = Order::plain(OrderKind::kRetreat, unit->kind, unit->location);
    const auto& ways = position.map->ways(unit->kind, unit->location);
    for (Ways bits = unit->retreats; bits; bits &= bits - 1) codes.push_back(Order::aimed(retreat, ways[lowest(bits)]));
}

void LegalOrders::list_adjustments(const Position& position, int province, const std::array<int, kPowers>& builds) {
    const Map& map = *position.map;
    if (position.unit_power[province] >= 0) {
        if (builds[position.unit_power[province]] < 0)
            codes.push_back(Order::plain(OrderKind::kDisband, position.kind_at(province), position.unit_location[province]));
        return;
    }
    const int center = map.center_of[province], power = center < 0 ? kNobody : position.owner[center];
    if (power < 0 || builds[power] <= 0 || !position.may_build_at(power, province)) return;
    codes.push_back(Order::plain(OrderKind::kWaive, kArmy, kNone));
    if (map.can_stand(kArmy, map.whole[province])) codes.push_back(Order::plain(OrderKind::kBuild, kArmy, map.whole[province]));
    for (int place : map.fleet_places[province]) codes.push_back(Order::plain(OrderKind::kBuild, kFleet, place));
}

}  // namespace rules
