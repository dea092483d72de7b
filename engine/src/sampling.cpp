#include "sampling.hpp"

#include <algorithm>
#include <utility>

namespace rules {

namespace {

// Of a hundred units that could, so many ...  (kReliable: keep to the order that others count on)
constexpr int kHolds = 12, kGoByConvoy = 40, kConvoys = 80, kSupports = 60, kDisbands = 5, kReliable = 90;

void sample_uniform(const Position& position, Rng& rng, LegalOrders& legal, Orders& orders) {
    legal.list(position);
    for (int province = 0; province < position.map->province_count(); ++province)
        if (const int count = legal.count(province)) orders.add(legal.of(province)[rng.below(count)]);
}

void sample_adjustments(const Position& position, Rng& rng, LegalOrders& legal, Orders& orders) {
    legal.list(position);
    std::array<int, kMaxProvinces> places;
    for (int power = 0; power < position.map->power_count(); ++power) {
        int due = std::abs(position.build_count(power));
        if (!due) continue;
        int count = 0;
        for (int province = 0; province < position.map->province_count(); ++province)
            if (legal.count(province) && (position.unit_power[province] == power || position.may_build_at(power, province))) places[count++] = province;
        for (; due > 0 && count > 0; --due) {
            std::swap(places[rng.below(count)], places[count - 1]);
            const int province = places[--count];
            const Code code = legal.of(province)[rng.below(legal.count(province))];
            if (Order::kind_of(code) != OrderKind::kWaive) orders.add(code);
        }
    }
}

// A plan in which units first choose moves, then turn to help each other; a unit that is helped keeps to its order.
class Plan {
public:
    Plan(const Position& position, Rng& rng) : situation_(position), map_(*position.map), rng_(rng) {}

    void make(Orders& orders) {
        for (int i = 0; i < situation_.count; ++i) choose_move(i);
        std::array<Index, kMaxProvinces> turn;
        for (int i = 0; i < situation_.count; ++i) turn[i] = static_cast<Index>(i);
        rng_.shuffle(turn.data(), situation_.count);
        // Armies at sea first: they need the fleets.
        for (int i = 0; i < situation_.count; ++i)
            if (goal_[turn[i]] >= 0 && via_[turn[i]]) find_convoy(turn[i]);
        for (int i = 0; i < situation_.count; ++i) find_support(turn[i]);
        for (int i = 0; i < situation_.count; ++i) orders.add(code_[i]);
    }

private:
    const Situation situation_;
    const Map& map_;
    Rng& rng_;
    std::array<Code, kMaxProvinces> code_;
    std::array<int16_t, kMaxProvinces> goal_;  // location a unit moves to, or -1
    std::array<bool, kMaxProvinces> via_;
    std::array<bool, kMaxProvinces> fixed_{};  // others count on this unit, or it helps already

    void choose_move(int i) {
        const Situation::Item& unit = situation_.units[i];
        const auto& ways = map_.ways(unit.kind, unit.location);
        code_[i] = Order::plain(OrderKind::kHold, unit.kind, unit.location);
        goal_[i] = -1;
        via_[i] = unit.by_convoy.any() && (ways.empty() || rng_.chance(kGoByConvoy));
        if (rng_.chance(kHolds) || (ways.empty() && !via_[i])) return;
        goal_[i] = static_cast<int16_t>(via_[i] ? map_.whole[unit.by_convoy.nth(rng_.below(unit.by_convoy.count()))]
                                                : ways[rng_.below(static_cast<int>(ways.size()))]);
        code_[i] = Order::aimed(Order::plain(OrderKind::kMove, unit.kind, unit.location), goal_[i]);
        if (via_[i]) code_[i] = Order::by_convoy(code_[i]);
    }

    void find_convoy(int i) {
        const Situation::Item& army = situation_.units[i];
        const int goal = map_.province_of[goal_[i]];
        Seas free = 0, chosen = 0;
        for (Seas seas = army.convoy_seas; seas; seas &= seas - 1) {
            const int fleet = situation_.unit_at[map_.sea_province[lowest(seas)]];
            if (!fixed_[fleet] && rng_.chance(kConvoys)) free |= seas & (~seas + 1);
        }
        int seen = 0;
        map_.each_convoy(army.province, free, [&](Seas route, const Places& goals) {
            if (goals.has(goal) && rng_.below(++seen) == 0) chosen = route;
        });
        for (Seas seas = chosen; seas; seas &= seas - 1) {
            const int fleet = situation_.unit_at[map_.sea_province[lowest(seas)]];
            const Situation::Item& unit = situation_.units[fleet];
            code_[fleet] = Order::aimed(Order::aiding(Order::plain(OrderKind::kConvoy, kFleet, unit.location), kArmy, army.location), goal_[i]);
            goal_[fleet] = -1;
            fixed_[fleet] = true;
        }
        fixed_[i] = chosen && rng_.chance(kReliable);
    }

    void find_support(int i) {
        if (fixed_[i] || !rng_.chance(kSupports)) return;
        const Situation::Item& unit = situation_.units[i];
        int chosen = -1, seen = 0;
        for (int j = 0; j < situation_.count; ++j) {
            const Situation::Item& other = situation_.units[j];
            if (j == i) continue;
            const int goal = goal_[j] < 0 ? other.province : map_.province_of[goal_[j]];
            if (!unit.moves.has(goal)) continue;
            if (goal_[j] >= 0 && !situation_.supportable(unit, other).has(goal)) continue;
            if (rng_.below(++seen) == 0) chosen = j;
        }
        if (chosen < 0) return;
        const Situation::Item& other = situation_.units[chosen];
        const Code aid = Order::aiding(Order::plain(OrderKind::kSupport, unit.kind, unit.location), other.kind, other.location);
        code_[i] = goal_[chosen] < 0 ? aid : Order::aimed(aid, goal_[chosen]);
        goal_[i] = -1;
        fixed_[i] = true;
        fixed_[chosen] = fixed_[chosen] || rng_.chance(kReliable);
    }
};

}  // namespace

void sample_orders(const Position& position, Rng& rng, Play play, LegalOrders& legal, Orders& orders) {
    orders.count = 0;
    if (position.is_over()) return;
    if (position.kind == PhaseKind::kAdjustments) {
        sample_adjustments(position, rng, legal, orders);
    } else if (play == Play::kUniform) {
        sample_uniform(position, rng, legal, orders);
    } else if (position.kind == PhaseKind::kMovement) {
        Plan(position, rng).make(orders);
    } else {
        for (int i = 0; i < position.dislodged_count; ++i) {
            const Dislodged& unit = position.dislodged[i];
            int pick = rng.below(__builtin_popcount(unit.retreats));
            Ways bits = unit.retreats;
            while (pick--) bits &= bits - 1;
            const int goal = position.map->ways(unit.kind, unit.location)[lowest(bits)];
            if (rng.chance(kDisbands)) orders.add(Order::plain(OrderKind::kDisband, unit.kind, unit.location));
            else orders.add(Order::aimed(Order::plain(OrderKind::kRetreat, unit.kind, unit.location), goal));
        }
    }
}

}  // namespace rules
