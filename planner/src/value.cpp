#include "value.hpp"

#include <algorithm>
#include <cmath>

#include "batch.hpp"
#include "features.hpp"

// Several versions of a function, the best for the processor chosen when the module is loaded.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

namespace planning {

namespace {

// Four rows at a time: sums are loaded and stored a quarter as often.
FOR_EACH_PROCESSOR void add_rows(const float* table, const int32_t* rows, int count, int width, float* __restrict sum) {
    const auto row = [&](int i) { return table + static_cast<size_t>(rows[i]) * width; };
    int i = 0;
    for (; i + 4 <= count; i += 4) {
        const float *a = row(i), *b = row(i + 1), *c = row(i + 2), *d = row(i + 3);
        for (int k = 0; k < width; ++k) sum[k] += (a[k] + b[k]) + (c[k] + d[k]);
    }
    for (; i < count; ++i)
        for (int k = 0; k < width; ++k) sum[k] += row(i)[k];
}

// out[hidden] += in[width] matrix[width, hidden]
FOR_EACH_PROCESSOR void add_product(const float* in, const float* matrix, int width, int hidden, float* __restrict out) {
    const auto row = [&](int i) { return matrix + static_cast<size_t>(i) * hidden; };
    int i = 0;
    for (; i + 4 <= width; i += 4) {
        const float *a = row(i), *b = row(i + 1), *c = row(i + 2), *d = row(i + 3);
        for (int k = 0; k < hidden; ++k) out[k] += (in[i] * a[k] + in[i + 1] * b[k]) + (in[i + 2] * c[k] + in[i + 3] * d[k]);
    }
    for (; i < width; ++i)
        for (int k = 0; k < hidden; ++k) out[k] += in[i] * row(i)[k];
}

bool lives(const Position& position, int power) { return position.unit_count(power) > 0 || position.center_count(power) > 0; }

bool decided(const Position& position, Scores& scores) {
    for (int power = 0; power < kPowers; ++power) {
        if (position.center_count(power) < position.map->victory_centers && position.winner != power) continue;
        scores.fill(0);
        scores[power] = 1;
        return true;
    }
    return false;
}

void share_squares(const std::array<float, kPowers>& centers, Scores& scores) {
    float total = 0;
    for (int power = 0; power < kPowers; ++power) total += scores[power] = centers[power] * centers[power];
    for (float& score : scores) score /= std::max(total, 1e-9F);
}

}  // namespace

Claims::Claims(const Position& position) {
    const Map& map = *position.map;
    std::array<uint8_t, static_cast<size_t>(kMaxCenters) * kPowers> reach;  // [centres, powers]
    count_reach(position, reach.data());
    for (int center = 0; center < map.center_count(); ++center) {
        const auto force_of = [&](int power) { return std::min<int>(reach[center * kPowers + power], kReachLevels - 1); };
        int strongest = 0, second = 0;
        for (int power = 0; power < kPowers; ++power) {
            const int force = force_of(power);
            if (force > strongest) { second = strongest; strongest = force; }
            else second = std::max(second, force);
        }
        const int stands = position.unit_power[map.center_province[center]], owns = position.owner[center];
        for (int power = 0; power < kPowers; ++power) {
            const int force = force_of(power);
            const int other = force == strongest ? second : strongest;
            of[power][center] = static_cast<uint8_t>(force * 36 + other * 9 + (stands < 0 ? 0 : stands == power ? 1 : 2) * 3 +
                                                     (owns < 0 ? 0 : owns == power ? 1 : 2));
        }
    }
}

void final_scores(const Position& position, Scoring scoring, Scores& scores) {
    if (decided(position, scores)) return;
    std::array<float, kPowers> part{};
    for (int power = 0; power < kPowers; ++power) {
        if (scoring == Scoring::kSumOfSquares) part[power] = position.center_count(power);
        if (scoring == Scoring::kDrawSize && lives(position, power)) part[power] = 1;
    }
    share_squares(part, scores);
}

ThreatValue::ThreatValue(ThreatTables tables) : tables_(std::move(tables)) {
    if (tables_.one_move.size() != kClaims || tables_.two_moves.size() != kClaims)
        throw CoreError("expected two tables of " + std::to_string(kClaims) + " weights");
}

void ThreatValue::score(const Position& position, const Claims& claims, Scores& scores) const {
    if (decided(position, scores)) return;
    const bool one_move = one_move_left(position);
    const float* table = (one_move ? tables_.one_move : tables_.two_moves).data();
    const float nobody = one_move ? tables_.nobody_one_move : tables_.nobody_two_moves;
    std::array<float, kPowers> expected{};
    for (int center = 0; center < position.map->center_count(); ++center) {
        // A neutral centre may stay neutral; an owned one always has its owner's claim.
        float total = position.owner[center] < 0 ? nobody : 0;
        std::array<float, kPowers> claim;
        for (int power = 0; power < kPowers; ++power) total += claim[power] = table[claims.of[power][center]];
        for (int power = 0; power < kPowers; ++power) expected[power] += claim[power] / std::max(total, 1e-9F);
    }
    share_squares(expected, scores);
    std::array<float, kPowers> solo;
    float any = 0;
    for (int power = 0; power < kPowers; ++power)
        any += solo[power] = 1 / (1 + std::exp(tables_.solo_slope * (tables_.solo_centers - expected[power])));
    for (int power = 0; power < kPowers; ++power) scores[power] = scores[power] * (1 - any) + solo[power];
}

// Blocks of rows, the first two once for each number of moves left: a centre's claim, builds due, centres owned; then own
// units by kind and location; then the empty row.
namespace {

int season_rows(const Map& map) { return map.center_count() * kClaims + kBuildLevels + kOwnLevels; }

}  // namespace

int feature_rows(const Map& map) { return 2 * season_rows(map) + 2 * 2 * map.location_count() + 1; }

int feature_count(const Map& map) { return map.center_count() + 2 + kMaxUnitsSeen; }

void value_features(const Position& position, const Claims& claims, int32_t* out) {
    const Map& map = *position.map;
    const int season = season_of(position), first = season * season_rows(map), count = feature_count(map);
    const int centers = map.center_count(), builds = first + centers * kClaims, owned = builds + kBuildLevels;
    const int units = 2 * season_rows(map) + season * 2 * map.location_count();
    std::fill_n(out, kPowers * count, feature_rows(map) - 1);
    std::array<int, kPowers> seen{};
    for (int power = 0; power < kPowers; ++power) {
        int32_t* row = out + power * count;
        for (int center = 0; center < centers; ++center) row[center] = first + center * kClaims + claims.of[power][center];
        row[centers] = builds + std::clamp(position.center_count(power) - position.unit_count(power) + kBuildLevels / 2, 0, kBuildLevels - 1);
        row[centers + 1] = owned + std::min<int>(position.center_count(power), kOwnLevels - 1);
    }
    position.occupied().each([&](int province) {
        const int power = position.unit_power[province];
        if (seen[power] < kMaxUnitsSeen)
            out[power * count + centers + 2 + seen[power]++] =
                units + position.kind_at(province) * map.location_count() + position.unit_location[province];
    });
}

NetworkValue::NetworkValue(NetworkWeights weights, const ThreatValue& threat) : weights_(std::move(weights)), threat_(threat) {
    const NetworkWeights& w = weights_;
    const auto width = static_cast<size_t>(w.width), hidden = static_cast<size_t>(w.hidden);
    if (!width || !hidden || width > kMostWidth || hidden > kMostWidth || w.table.size() != static_cast<size_t>(w.rows) * width ||
        w.bias.size() != width || w.own.size() != width * hidden || w.context.size() != width * hidden || w.inner.size() != hidden ||
        w.head.size() != hidden)
        throw CoreError("expected weights table [rows, width], bias [width], own and context [width, hidden], inner and head [hidden], width and hidden at most " + std::to_string(kMostWidth));
}

void NetworkValue::score(const Position& position, Scores& scores) const {
    if (decided(position, scores)) return;
    const Map& map = *position.map;
    if (feature_rows(map) != weights_.rows) throw CoreError("expected a network for map '" + map.name + "' with " + std::to_string(feature_rows(map)) + " rows, got " + std::to_string(weights_.rows));
    constexpr int kMost = kMaxCenters + 2 + kMaxUnitsSeen;
    int32_t rows[kPowers * kMost];
    const Claims claims(position);
    value_features(position, claims, rows);
    Scores threat;
    threat_.score(position, claims, threat);
    const float trust = weights_.trust[season_of(position)];
    const int width = weights_.width, hidden = weights_.hidden, count = feature_count(map);
    float first[kPowers][kMostWidth], mean[kMostWidth] = {}, context[kMostWidth], second[kMostWidth];
    for (int power = 0; power < kPowers; ++power) {
        std::copy_n(weights_.bias.data(), width, first[power]);
        int used = count;
        while (used > 0 && rows[power * count + used - 1] == weights_.rows - 1) --used;
        add_rows(weights_.table.data(), rows + power * count, used, width, first[power]);
        for (int k = 0; k < width; ++k) first[power][k] = std::max(first[power][k], 0.0F);
        for (int k = 0; k < width; ++k) mean[k] += first[power][k];
    }
    for (int k = 0; k < width; ++k) mean[k] /= kPowers;
    std::copy_n(weights_.inner.data(), hidden, context);
    add_product(mean, weights_.context.data(), width, hidden, context);
    float logits[kPowers], most = weights_.nobody, total = 0;
    for (int power = 0; power < kPowers; ++power) {
        logits[power] = -1e30F;
        if (!lives(position, power)) continue;
        std::copy_n(context, hidden, second);
        add_product(first[power], weights_.own.data(), width, hidden, second);
        logits[power] = trust * std::log(threat[power] + kLeastScore);
        for (int k = 0; k < hidden; ++k) logits[power] += std::max(second[k], 0.0F) * weights_.head[k];
        most = std::max(most, logits[power]);
    }
    for (int power = 0; power < kPowers; ++power) total += scores[power] = logits[power] < -1e29F ? 0 : std::exp(logits[power] - most);
    if (weights_.nobody > -1e29F) total += std::exp(weights_.nobody - most);
    for (float& score : scores) score /= total;
}

namespace {

// Builds that need no thought: in the first free home centres, a fleet where one can be built and less than a third of the
// power's units are fleets.
void plain_builds(const Position& position, Orders& orders) {
    const Map& map = *position.map;
    orders.count = 0;
    std::array<int, kPowers> fleets{};
    position.occupied().each([&](int province) { fleets[position.unit_power[province]] += position.kind_at(province) == kFleet; });
    for (int power = 0; power < map.power_count(); ++power) {
        int due = position.build_count(power), units = position.unit_count(power);
        for (int site : map.build_anywhere ? map.center_province : map.home_provinces[power]) {
            if (due <= 0) break;
            if (!position.may_build_at(power, site)) continue;
            const auto& coasts = map.fleet_places[site];
            const bool fleet = !coasts.empty() && 3 * fleets[power] < units;
            orders.add(Order::plain(OrderKind::kBuild, fleet ? kFleet : kArmy, fleet ? coasts[0] : map.whole[site]));
            fleets[power] += fleet;
            ++units;
            --due;
        }
    }
}

// So that a value sees which units there will be: those that are due, and can be built, are not those that are missing.
void play_winter(Position& position) {
    if (position.kind != PhaseKind::kAdjustments || position.is_over()) return;
    Orders orders;
    Position next;
    plain_builds(position, orders);
    position.step(orders, next, nullptr);
    position = next;
}

}  // namespace

void Judge::score(Position& position, Scores& scores) const {
    if (!memo) return work_out(position, scores);
    uint32_t bits;
    std::memcpy(&bits, &ending, sizeof bits);
    const uint64_t key = position.hash() ^ mix(uint64_t{bits} << 8 | static_cast<uint64_t>(scoring));
    if (memo->find(key, scores)) return;
    work_out(position, scores);
    memo->keep(key, scores);
}

void Judge::work_out(Position& position, Scores& scores) const {
    settle(position);
    play_winter(position);
    value->score(position, scores);
    // Only a game that is won stays in winter, and its scores are those of its end already.
    const bool year_is_over = position.season == Season::kSpring;
    if (ending <= 0 || !year_is_over) return;
    Scores now;
    final_scores(position, scoring, now);
    for (int power = 0; power < kPowers; ++power) scores[power] += ending * (now[power] - scores[power]);
}

}  // namespace planning
