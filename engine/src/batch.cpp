#include "batch.hpp"

#include <algorithm>
#include <thread>

namespace rules {

namespace {

constexpr size_t kRowsWorthAThread = 64;

// Retreat orders that need no thought: to an own centre, else to any, else to the first place.
OrderLists plain_retreats(const Position& position) {
    const Map& map = *position.map;
    OrderLists orders;
    Places taken;
    for (int i = 0; i < position.dislodged_count; ++i) {
        const Dislodged& unit = position.dislodged[i];
        int best = -1, best_rank = -1;
        unit.retreats.each([&](int place) {
            const int province = map.province_of[place], center = map.center_of[province];
            if (taken.has(province)) return;
            const int rank = center < 0 ? 0 : position.owner[center] == unit.power ? 2 : 1;
            if (rank > best_rank) { best_rank = rank; best = place; }
        });
        if (best < 0) continue;
        taken.add(map.province_of[best]);
        Order order;
        order.kind = OrderKind::kRetreat;
        order.unit_kind = unit.kind;
        order.location = unit.location;
        order.target = static_cast<uint8_t>(best);
        orders[unit.power].push_back(order.code());
    }
    return orders;
}

}  // namespace

template <class Work> void Batch::share(Work work) {
    const size_t count = positions_.size();
    const size_t parts = std::max<size_t>(1, std::min<size_t>(static_cast<size_t>(std::max(1, threads_)), count / kRowsWorthAThread));
    const size_t rows = (count + parts - 1) / parts;
    std::vector<std::thread> helpers;
    for (size_t part = 1; part < parts; ++part)
        helpers.emplace_back([=] { work(part * rows, std::min(count, (part + 1) * rows)); });
    work(0, std::min(count, rows));
    for (auto& helper : helpers) helper.join();
}

Batch::Batch(const Position& position, const std::array<std::vector<std::vector<Code>>, kPowers>& actions,
             const int32_t* profiles, size_t count, int threads)
    : map_(position.map), positions_(count), threads_(threads) {
    for (int power = 0; power < kPowers; ++power)
        for (const auto& action : actions[power]) position.check_orders(power, action);
    for (size_t row = 0; row < count; ++row) {
        for (int power = 0; power < kPowers; ++power) {
            const int32_t chosen = profiles[row * kPowers + power];
            if (!actions[power].empty() && (chosen < 0 || static_cast<size_t>(chosen) >= actions[power].size()))
                throw CoreError("profile " + std::to_string(row) + ": expected an action of " + map_->powers[power] + " below " +
                                std::to_string(actions[power].size()) + ", got " + std::to_string(chosen));
        }
    }
    share([&, this](size_t begin, size_t end) {
        OrderLists orders;
        for (size_t row = begin; row < end; ++row) {
            for (int power = 0; power < kPowers; ++power)
                if (!actions[power].empty()) orders[power] = actions[power][profiles[row * kPowers + power]];
            positions_[row] = position.step(orders, nullptr);
        }
    });
}

void Batch::settle() {
    share([this](size_t begin, size_t end) {
        for (size_t row = begin; row < end; ++row)
            while (positions_[row].kind == PhaseKind::kRetreats && positions_[row].winner == kNobody)
                positions_[row] = positions_[row].step(plain_retreats(positions_[row]), nullptr);
    });
}

void Batch::owners(int8_t* out) const {
    for (const Position& position : positions_) out = std::copy_n(position.owner.begin(), map_->center_count(), out);
}

void Batch::occupants(int8_t* out) const {
    for (const Position& position : positions_)
        for (int province : map_->center_province) *out++ = position.unit_power[province];
}

void Batch::reach(uint8_t* out) const {
    const int columns = map_->center_count();
    Places centers;
    for (int province : map_->center_province) centers.add(province);
    std::fill_n(out, positions_.size() * columns * kPowers, uint8_t{0});
    for (const Position& position : positions_) {
        for (int province = 0; province < map_->province_count(); ++province) {
            const int power = position.unit_power[province];
            if (power < 0) continue;
            Places goals = map_->reach(position.unit_kind[province], position.unit_location[province]);
            goals.add(province);
            (goals & centers).each([&](int goal) { ++out[map_->center_of[goal] * kPowers + power]; });
        }
        out += columns * kPowers;
    }
}

void Batch::unit_counts(int8_t* out) const {
    std::fill_n(out, positions_.size() * kPowers, int8_t{0});
    for (const Position& position : positions_) {
        for (int province = 0; province < map_->province_count(); ++province)
            if (position.unit_power[province] >= 0) ++out[position.unit_power[province]];
        out += kPowers;
    }
}

void Batch::center_counts(int8_t* out) const {
    std::fill_n(out, positions_.size() * kPowers, int8_t{0});
    for (const Position& position : positions_) {
        for (int center = 0; center < map_->center_count(); ++center)
            if (position.owner[center] >= 0) ++out[position.owner[center]];
        out += kPowers;
    }
}

}  // namespace rules
