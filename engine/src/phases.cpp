// Retreats and adjustments; movement is in adjudicator.cpp.
#include "position.hpp"

namespace rules {

void resolve_retreats(const Position& position, const Orders& orders, Position& next, Report* report) {
    const Map& map = *position.map;
    std::array<int16_t, kMaxDislodged> goal;
    std::array<uint8_t, kMaxProvinces> wanted{};
    for (int i = 0; i < position.dislodged_count; ++i) {
        const Dislodged& unit = position.dislodged[i];
        goal[i] = -1;
        for (Code code : orders) {
            const Order order = Order::from(code);
            if (order.location == unit.location && order.kind == OrderKind::kRetreat) goal[i] = static_cast<int16_t>(order.target);
        }
        if (goal[i] >= 0) ++wanted[map.province_of[goal[i]]];
    }
    for (int i = 0; i < position.dislodged_count; ++i) {
        const Dislodged& unit = position.dislodged[i];
        int result = 0;
        if (goal[i] < 0) result = kDisband;
        else if (wanted[map.province_of[goal[i]]] > 1) result = kBounce | kDisband;
        else next.place(unit.power, unit.kind, goal[i]);
        if (report) report->add(unit.kind, unit.location, result);
    }
}

namespace {

// Who goes when a power in disorder must remove a unit: the farthest from home, fleets before armies, then by name.
int disorder_removal(const Position& position, int power) {
    const Map& map = *position.map;
    int found = -1, farthest = -1;
    position.occupied().each([&](int province) {
        if (position.unit_power[province] != power) return;
        const int distance = 2 * map.distance_home(power, position.kind_at(province), position.unit_location[province]) +
                             (position.kind_at(province) == kFleet);
        if (distance <= farthest) return;
        farthest = distance;
        found = province;
    });
    return found;
}

}  // namespace

void resolve_adjustments(const Position& position, const Orders& orders, Position& next, Report* report) {
    const Map& map = *position.map;
    std::array<int, kPowers> due{};
    for (int power = 0; power < map.power_count(); ++power) due[power] = -position.build_count(power);
    for (Code code : orders) {
        const Order order = Order::from(code);
        if (order.kind == OrderKind::kWaive) continue;
        const int power = position.power_of(code);
        if (order.kind == OrderKind::kBuild) {
            next.place(power, order.unit_kind, order.location);
        } else {
            next.lift(map.province_of[order.location]);
            --due[power];
        }
        if (report) report->add(order.unit_kind, order.location, 0);
    }
    for (int power = 0; power < map.power_count(); ++power) {
        for (; due[power] > 0; --due[power]) {
            const int province = disorder_removal(next, power);
            if (report) report->add(next.kind_at(province), next.unit_location[province], 0);
            next.lift(province);
        }
    }
}

}  // namespace rules
