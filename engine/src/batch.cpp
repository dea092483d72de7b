#include "batch.hpp"

#include <algorithm>
#include <atomic>
#include <unordered_set>

#include "features.hpp"
#include "share.hpp"

namespace rules {

namespace {

// Retreat orders that need no thought.
void plain_retreats(const Position& position, Orders& orders) {
    const Map& map = *position.map;
    orders.count = 0;
    Places taken;
    for (int i = 0; i < position.dislodged_count; ++i) {
        const Dislodged& unit = position.dislodged[i];
        const auto& ways = map.ways(unit.kind, unit.location);
        int best = -1, best_rank = -1;
        for (Ways bits = unit.retreats; bits; bits &= bits - 1) {
            const int place = ways[lowest(bits)], province = map.province_of[place], center = map.center_of[province];
            if (taken.has(province)) continue;
            const int rank = center < 0 ? 0 : position.owner[center] == unit.power ? 2 : 1;
            if (rank > best_rank) { best_rank = rank; best = place; }
        }
        if (best < 0) continue;
        taken.add(map.province_of[best]);
        orders.add(Order::aimed(Order::plain(OrderKind::kRetreat, unit.kind, unit.location), best));
    }
}

void read_row(const Code* codes, size_t width, size_t row, Orders& orders) {
    orders.count = 0;
    for (size_t i = 0; i < width; ++i) {
        const Code code = codes[row * width + i];
        if (code < 0 || Order::kind_of(code) == OrderKind::kWaive) continue;
        if (orders.count == kMaxProvinces) throw CoreError("row " + std::to_string(row) + ": more orders than provinces");
        orders.add(code);
    }
}

}  // namespace

void settle(Position& position) {
    Orders orders;
    Position next;
    while (position.kind == PhaseKind::kRetreats && !position.is_over()) {
        plain_retreats(position, orders);
        position.step(orders, next, nullptr);
        position = next;
    }
}

Batch::Batch(std::vector<Position> positions, int threads)
    : map_(positions.empty() ? nullptr : positions.front().map), positions_(std::move(positions)), threads_(threads) {
    if (!map_) throw CoreError("expected a position, got none");
    for (const Position& position : positions_)
        if (position.map != map_) throw CoreError("expected positions of one map, got '" + map_->name + "' and '" + position.map->name + "'");
}

Batch::Batch(const Position& position, const std::vector<std::vector<std::vector<Code>>>& actions,
             const int32_t* profiles, size_t count, int threads)
    : map_(position.map), positions_(count), threads_(threads) {
    const int powers = map_->power_count();
    for (int power = 0; power < powers; ++power)
        for (const auto& action : actions[power]) position.check_orders(power, action.data(), static_cast<int>(action.size()));
    for (size_t row = 0; row < count; ++row) {
        for (int power = 0; power < powers; ++power) {
            const int32_t chosen = profiles[row * powers + power];
            if (!actions[power].empty() && (chosen < 0 || static_cast<size_t>(chosen) >= actions[power].size()))
                throw CoreError("profile " + std::to_string(row) + ": expected an action of " + map_->powers[power] + " below " +
                                std::to_string(actions[power].size()) + ", got " + std::to_string(chosen));
        }
    }
    share(count, threads_, [&](size_t begin, size_t end) {
        Orders orders;
        for (size_t row = begin; row < end; ++row) {
            orders.count = 0;
            for (int power = 0; power < powers; ++power) {
                if (actions[power].empty()) continue;
                for (Code code : actions[power][profiles[row * powers + power]])
                    if (Order::kind_of(code) != OrderKind::kWaive) orders.add(code);
            }
            position.step(orders, positions_[row], nullptr);
        }
    });
}

void Batch::step(const Code* codes, size_t width) {
    following_.resize(size());
    share(size(), threads_, [&](size_t begin, size_t end) {
        Orders orders;
        for (size_t row = begin; row < end; ++row) {
            read_row(codes, width, row, orders);
            if (!positions_[row].is_over()) positions_[row].check_orders(orders, static_cast<long>(row));
            positions_[row].step(orders, following_[row], nullptr);
        }
    });
    positions_.swap(following_);
}

void Batch::sample(uint64_t seed, Play play, Code* codes, size_t width) const {
    share(size(), threads_, [&](size_t begin, size_t end) {
        Orders orders;
        LegalOrders legal;
        for (size_t row = begin; row < end; ++row) {
            Rng rng(seed, row);
            sample_orders(positions_[row], rng, play, legal, orders);
            if (static_cast<size_t>(orders.count) > width)
                throw CoreError("row " + std::to_string(row) + ": expected room for " + std::to_string(orders.count) + " orders, got " + std::to_string(width));
            std::fill(std::copy(orders.begin(), orders.end(), codes + row * width), codes + (row + 1) * width, Code{-1});
        }
    });
}

void Batch::legal(std::vector<Code>& codes, int64_t* starts) const {
    const size_t columns = static_cast<size_t>(map_->province_count()) + 1;
    std::vector<std::vector<Code>> parts((size() + kRowsAtATime - 1) / kRowsAtATime);
    share(size(), threads_, [&](size_t begin, size_t end) {
        std::vector<Code>& part = parts[begin / kRowsAtATime];
        LegalOrders legal;
        for (size_t row = begin; row < end; ++row) {
            legal.list(positions_[row]);
            for (size_t column = 0; column < columns; ++column)
                starts[row * columns + column] = static_cast<int64_t>(part.size()) + legal.starts[column];
            part.insert(part.end(), legal.codes.begin(), legal.codes.end());
        }
    });
    size_t total = 0;
    for (const auto& part : parts) total += part.size();
    codes.clear();
    codes.reserve(total);
    for (size_t i = 0; i < parts.size(); ++i) {
        const size_t end = std::min(size(), (i + 1) * kRowsAtATime) * columns;
        for (size_t cell = i * kRowsAtATime * columns; cell < end; ++cell) starts[cell] += static_cast<int64_t>(codes.size());
        codes.insert(codes.end(), parts[i].begin(), parts[i].end());
    }
}

void Batch::settle() {
    share(size(), threads_, [this](size_t begin, size_t end) {
        for (size_t row = begin; row < end; ++row) rules::settle(positions_[row]);
    });
}

template <class Number> void Batch::encode_places(Number* out) const {
    const size_t size_of_row = static_cast<size_t>(map_->location_count()) * place_columns(*map_);
    share(size(), threads_, [&](size_t begin, size_t end) {
        for (size_t row = begin; row < end; ++row) rules::encode_places(positions_[row], out + row * size_of_row);
    });
}

template void Batch::encode_places<uint8_t>(uint8_t*) const;
template void Batch::encode_places<float>(float*) const;

void Batch::encode_board(float* out) const {
    for (const Position& position : positions_) {
        rules::encode_board(position, out);
        out += board_columns(*map_);
    }
}

void Batch::owners(int8_t* out) const {
    for (const Position& position : positions_) out = std::copy_n(position.owner.begin(), map_->center_count(), out);
}

void Batch::occupants(int8_t* out) const {
    for (const Position& position : positions_)
        for (int province : map_->center_province) *out++ = position.unit_power[province];
}

void Batch::reach(uint8_t* out) const {
    for (const Position& position : positions_) {
        count_reach(position, out);
        out += map_->center_count() * map_->power_count();
    }
}

void Batch::unit_counts(Count* out) const {
    for (const Position& position : positions_)
        for (int power = 0; power < map_->power_count(); ++power) *out++ = static_cast<Count>(position.unit_count(power));
}

void Batch::center_counts(Count* out) const {
    for (const Position& position : positions_)
        for (int power = 0; power < map_->power_count(); ++power) *out++ = static_cast<Count>(position.center_count(power));
}

RandomGames random_games(const Map& map, size_t count, int last_year, uint64_t seed, Play play, int threads) {
    RandomGames games;
    games.ends.resize(count);
    std::atomic<int64_t> phases{0}, movement_phases{0};
    const Position start = Position::start(map);
    share(count, threads, [&](size_t begin, size_t end) {
        Orders orders;
        LegalOrders legal;
        Position next;
        int64_t played = 0, moved = 0;
        for (size_t game = begin; game < end; ++game) {
            Rng rng(seed, game);
            Position position = start;
            while (!position.is_over() && position.year <= last_year) {
                sample_orders(position, rng, play, legal, orders);
                ++played;
                moved += position.kind == PhaseKind::kMovement;
                position.step(orders, next, nullptr);
                position = next;
            }
            games.ends[game] = position;
        }
        phases += played;
        movement_phases += moved;
    });
    games.phases = phases;
    games.movement_phases = movement_phases;
    return games;
}

namespace {

class Counter {
public:
    explicit Counter(uint64_t limit) : limit_(limit) {}

    void count(const Position& position, int phases) {
        if (phases == 0 || position.is_over()) {
            seen_.insert(position.hash());
            return;
        }
        LegalOrders legal;
        legal.list(position);
        std::array<int, kPowers> due{}, left{};
        for (int power = 0; power < position.map->power_count(); ++power) {
            due[power] = position.build_count(power);
            left[power] = position.unit_count(power);
        }
        Orders orders;
        choose(position, legal, 0, due, left, orders, phases);
    }

    Perft found() {
        found_.positions = seen_.size();
        return found_;
    }

private:
    const uint64_t limit_;
    Perft found_;
    std::unordered_set<uint64_t> seen_;

    // due: builds, or (negative) removals, still to be ordered; left: units that could still be removed.
    void choose(const Position& position, const LegalOrders& legal, int province, std::array<int, kPowers>& due, std::array<int, kPowers>& left,
                Orders& orders, int phases) {
        const int provinces = position.map->province_count();
        while (province < provinces && !legal.count(province)) ++province;
        if (province == provinces) {
            play(position, orders, phases);
            return;
        }
        const auto next = [&] { choose(position, legal, province + 1, due, left, orders, phases); };
        const int owner = position.kind == PhaseKind::kAdjustments ? position.unit_power[province] : kNobody;
        if (owner != kNobody) {
            --left[owner];
            if (left[owner] >= -due[owner]) next();  // enough others are left to be removed
        } else if (position.kind == PhaseKind::kAdjustments) {
            next();  // nothing is built here
        }
        for (int i = 0; i < legal.count(province); ++i) {
            const Code code = legal.of(province)[i];
            const OrderKind kind = Order::kind_of(code);
            if (kind == OrderKind::kWaive) continue;
            const int power = position.power_of(code);
            const int step = kind == OrderKind::kBuild ? 1 : owner != kNobody ? -1 : 0;
            if (step * due[power] < step * step) continue;  // none is due any more
            due[power] -= step;
            orders.add(code);
            next();
            --orders.count;
            due[power] += step;
        }
        if (owner != kNobody) ++left[owner];
    }

    void play(const Position& position, const Orders& orders, int phases) {
        if (phases == 1 && ++found_.joint_orders > limit_)
            throw CoreError("perft: expected at most " + std::to_string(limit_) + " joint orders, got more");
        Position next;
        Report report;
        position.step(orders, next, phases == 1 ? &report : nullptr);
        for (int i = 0; i < report.count; ++i) {
            const int results = report.units[i].results;
            found_.bounces += (results & kBounce) != 0;
            found_.cuts += (results & kCut) != 0;
            found_.dislodged += (results & kDislodgedResult) != 0;
            found_.disrupted += (results & (kDisrupted | kNoConvoy)) != 0;
            found_.disbands += (results & kDisband) != 0;
        }
        count(next, phases - 1);
    }
};

}  // namespace

Perft perft(const Position& position, int phases, uint64_t limit) {
    Counter counter(limit);
    counter.count(position, phases);
    return counter.found();
}

}  // namespace rules
