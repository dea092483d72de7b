#include "dumbbot.hpp"

#include <algorithm>
#include <cstdlib>

namespace planning {

namespace {

// Constants of the published source: the weight of the proximity maps by step, of attack and defence, of strength and
// competition; how often the next best is played.
constexpr std::array<double, 10> kSpring = {100, 1000, 30, 10, 6, 5, 4, 3, 2, 1}, kLater = {1000, 100, 30, 10, 6, 5, 4, 3, 2, 1};
constexpr double kStrength = 1000, kCompetition = 1000, kPlayNext = 0.5, kNextModifier = 5;

double size_of(int centers) { return centers * centers + 4 * centers + 16; }

}  // namespace

DumbBot::DumbBot(const Moves& moves) : moves_(moves) {
    const Position& position = moves.position();
    const Map& map = *position.map;
    const int me = moves.power(), powers = map.power_count();
    std::array<std::array<int, kMaxProvinces>, kPowers> reach{};
    position.occupied().each([&](int province) {
        Places goals = map.reach(position.kind_at(province), position.unit_location[province]);
        goals.add(province);
        goals.each([&](int goal) { ++reach[position.unit_power[province]][goal]; });
    });
    int neutral = 0;
    for (int center = 0; center < map.center_count(); ++center) neutral += position.owner[center] < 0;
    const bool fall = position.season == Season::kFall;
    const double attack = fall ? 600 : 700, defence = fall ? 400 : 300;
    std::array<double, kMaxProvinces> value{}, strength{};
    for (int province = 0; province < map.province_count(); ++province) {
        double hostile = 0;
        for (int power = 0; power < powers; ++power) {
            if (power == me) continue;
            competition_[province] = std::max(competition_[province], reach[power][province]);
            if (reach[power][province]) hostile = std::max(hostile, size_of(position.center_count(power)));
        }
        strength[province] = kStrength * reach[me][province] - kCompetition * competition_[province];
        const int center = map.center_of[province];
        if (center < 0) continue;
        const int owner = position.owner[center];
        value[province] = owner == me ? defence * hostile : attack * size_of(owner < 0 ? neutral : position.center_count(owner));
    }
    const auto& weights = position.season == Season::kSpring ? kSpring : kLater;
    const int locations = map.location_count();
    std::vector<double> level(locations), next(locations);
    for (int kind : {kArmy, kFleet}) {
        auto& total = worth_[kind];
        total.assign(locations, 0);
        for (int place = 0; place < locations; ++place) level[place] = value[map.province_of[place]];
        for (double weight : weights) {
            for (int place = 0; place < locations; ++place) {
                total[place] += weight * level[place] / 1000;
                double sum = level[place];
                for (Location goal : map.ways(kind, place)) sum += level[goal];
                next[place] = sum / 5;
            }
            level.swap(next);
        }
        for (int place = 0; place < locations; ++place) total[place] += strength[map.province_of[place]];
    }
    if (position.kind != PhaseKind::kMovement) return;
    for (const Slot& slot : moves.slots()) {
        auto& ranked = ranked_.emplace_back();
        ranked.emplace_back(worth(slot.kind, slot.location), slot.location);
        for (Location goal : map.ways(slot.kind, slot.location)) ranked.emplace_back(worth(slot.kind, goal), goal);
        std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
    }
}

Action DumbBot::draw(Rng& rng) const {
    if (!moves_.any()) return {};
    switch (moves_.position().kind) {
        case PhaseKind::kMovement: return draw_movement(rng);
        case PhaseKind::kRetreats: return best_retreats();
        case PhaseKind::kAdjustments: break;
    }
    return best_adjustments();
}

// Destinations one unit after another, in random order; supports where own units meet.
struct DumbBot::Turn {
    const DumbBot& bot;
    Rng& rng;
    std::vector<Code> codes;                                       // slot -> order, or -1
    std::vector<bool> pending;
    std::vector<int> given;                                        // slots, in the order in which they got their orders

    void order(int slot) {
        if (codes[slot] >= 0 || pending[slot]) return;
        pending[slot] = true;
        auto open = bot.ranked_[slot];
        while (codes[slot] < 0) {
            const size_t number = choose(open);
            const int target = open[number].second;
            open.erase(open.begin() + static_cast<long>(number));
            const Code code = order_to(slot, target);
            if (code >= 0) {
                codes[slot] = code;
                given.push_back(slot);
            } else if (open.empty()) {
                codes[slot] = plain(slot, OrderKind::kHold);
                given.push_back(slot);
            }
        }
        pending[slot] = false;
    }

    size_t choose(const std::vector<std::pair<double, int>>& open) {
        size_t number = 0;
        while (number + 1 < open.size()) {
            const double best = open[number].first, following = open[number + 1].first;
            const double loss = best > 0 ? (best - following) * kNextModifier / best : 1;
            if (rng.uniform() >= kPlayNext || rng.uniform() < loss) break;
            ++number;
        }
        return number;
    }

    // The order that uses this destination; -1 where it is taken and needs no support.
    Code order_to(int slot, int target) {
        const Slot& unit = bot.moves_.slots()[slot];
        if (target == unit.location) return plain(slot, OrderKind::kHold);
        const Map& map = *bot.moves_.position().map;
        const int place = map.province_of[target], competition = bot.competition_[place];
        const auto& slots = bot.moves_.slots();
        for (int other = 0; other < static_cast<int>(slots.size()); ++other) {
            if (slots[other].province != place) continue;
            order(other);
            if (codes[other] < 0) return -1;
            if (Order::kind_of(codes[other]) != OrderKind::kMove) return competition > 1 ? aid(slot, other, kNone) : Code{-1};
        }
        for (int other : given) {
            const Order there = Order::from(codes[other]);
            if (there.kind == OrderKind::kMove && map.province_of[there.target] == place)
                return competition > 0 ? aid(slot, other, there.target) : Code{-1};
        }
        return Order::aimed(plain(slot, OrderKind::kMove), target);
    }

    Code plain(int slot, OrderKind kind) const {
        const Slot& unit = bot.moves_.slots()[slot];
        return Order::plain(kind, unit.kind, unit.location);
    }

    Code aid(int slot, int other, int target) const {
        const Slot &helped = bot.moves_.slots()[other], &unit = bot.moves_.slots()[slot];
        Code code = Order::aiding(plain(slot, OrderKind::kSupport), helped.kind, helped.location);
        if (target != kNone) code = Order::aimed(code, target);
        return unit.allows(code) ? code : Code{-1};
    }
};

Action DumbBot::draw_movement(Rng& rng) const {
    const int slots = static_cast<int>(moves_.slots().size());
    Turn turn{*this, rng, std::vector<Code>(slots, -1), std::vector<bool>(slots, false), {}};
    std::vector<int> places(slots);
    for (int i = 0; i < slots; ++i) places[i] = i;
    rng.shuffle(places.data(), slots);
    for (int slot : places) turn.order(slot);
    Action action;
    for (Code code : turn.codes) action.add(code);
    return action;
}

Action DumbBot::best_retreats() const {
    const Map& map = *moves_.position().map;
    Places taken;
    Action action;
    for (const Slot& slot : moves_.slots()) {
        Code best = slot.orders[0];
        double most = -1e12;
        for (Code code : slot.orders) {
            const Order order = Order::from(code);
            if (order.kind == OrderKind::kDisband) {
                if (most < -1e11) best = code;
            } else if (!taken.has(map.province_of[order.target]) && worth(slot.kind, order.target) > most) {
                most = worth(slot.kind, order.target);
                best = code;
            }
        }
        const Order order = Order::from(best);
        if (order.kind == OrderKind::kRetreat) taken.add(map.province_of[order.target]);
        action.add(best);
    }
    return action;
}

Action DumbBot::best_adjustments() const {
    const Position& position = moves_.position();
    std::vector<std::pair<double, Code>> best;
    for (const Slot& slot : moves_.slots()) {
        std::pair<double, Code> of_slot{-1e300, slot.orders[0]};
        for (Code code : slot.orders) {
            const Order order = Order::from(code);
            const double value = worth(order.unit_kind, order.location) * (order.kind == OrderKind::kDisband ? -1 : 1);
            of_slot = std::max(of_slot, {value, code}, [](const auto& a, const auto& b) { return a.first < b.first; });
        }
        best.push_back(of_slot);
    }
    std::stable_sort(best.begin(), best.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    best.resize(std::min(best.size(), static_cast<size_t>(std::abs(position.build_count(moves_.power())))));
    std::sort(best.begin(), best.end(), [](const auto& a, const auto& b) { return Order::location_of(a.second) < Order::location_of(b.second); });
    Action action;
    for (const auto& chosen : best) action.add(chosen.second);
    return action;
}

}  // namespace planning
