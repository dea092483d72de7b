#include "games.hpp"

#include <algorithm>
#include <cmath>

#include "dumbbot.hpp"
#include "share.hpp"

namespace planning {

namespace {

constexpr int kWidth = kMaxCenters;  // orders of one phase at most

struct Game {
    std::vector<Position> positions;
    std::vector<Code> codes;
    std::vector<Scores> scores;
    std::array<Style, kPowers> styles;
    Position end;
};

Style draw_style(const std::array<float, kStyles>& weights, Rng& rng) {
    float total = 0;
    for (float weight : weights) total += weight;
    double mark = rng.uniform() * total;
    for (int style = 0; style + 1 < kStyles; ++style) {
        if (mark < weights[style]) return static_cast<Style>(style);
        mark -= weights[style];
    }
    return static_cast<Style>(kStyles - 1);
}

const Entry& draw(const std::vector<Entry>& pool, double noise, Rng& rng) {
    if (noise > 0 && rng.uniform() < noise) return pool[static_cast<size_t>(rng.below(static_cast<int>(pool.size())))];
    double mark = rng.uniform();
    for (const Entry& entry : pool)
        if ((mark -= entry.probability) <= 0) return entry;
    return pool.front();
}

// One power's play where it does not search.
std::vector<Action> draw_actions(const Moves& moves, Style style, int count, Rng& rng) {
    std::vector<Action> actions;
    if (style == Style::kDumbBot) {
        const DumbBot bot(moves);
        for (int i = 0; i < count; ++i) actions.push_back(bot.draw(rng));
    } else {
        for (int i = 0; i < count; ++i) actions.push_back(moves.random(rng));
    }
    return actions;
}

class Player {
public:
    Player(const std::array<const Judge*, 2>& judges, const GamesConfig& config, Rng& rng) : judges_(judges), config_(config), rng_(rng) {}

    void play(Game& game, const Position& start, size_t number) {
        for (int power = 0; power < kPowers; ++power) {
            const int fixed = config_.seats[(power + (config_.rotate ? number : 0)) % kPowers];
            game.styles[power] = fixed < 0 ? draw_style(config_.styles, rng_) : static_cast<Style>(fixed);
        }
        lambdas_ = config_.explore.lambdas;
        if (config_.lambda_spread > 1)
            for (double& lambda : lambdas_) lambda *= std::pow(config_.lambda_spread, rng_.uniform());
        Position position = start, next;
        int at_random = config_.random_phases > 0 ? rng_.below(config_.random_phases + 1) : 0;
        while (!position.is_over() && position.year <= config_.until) {
            auto styles = game.styles;
            if (at_random > 0) styles.fill(Style::kRandom);
            at_random -= position.kind == PhaseKind::kMovement;
            phase(game, styles, position, next);
            position = next;
        }
        game.end = position;
    }

private:
    void phase(Game& game, const std::array<Style, kPowers>& styles, const Position& position, Position& next) {
        const Table table(position);
        std::array<Pools, 2> found;
        for (int judge = 0; judge < 2; ++judge)
            if (searches(styles, table, static_cast<Style>(judge))) found[judge] = search(styles, table, *judges_[judge]);
        Orders orders;
        Scores expected{};
        for (int power = 0; power < kPowers; ++power) {
            if (!table.of(power).any()) continue;
            Action action;
            if (styles[power] == Style::kSearch || styles[power] == Style::kRival) {
                const auto& pool = found[static_cast<int>(styles[power])][power];
                action = draw(pool, config_.noise, rng_).action;
                for (const Entry& entry : pool) expected[power] += static_cast<float>(entry.probability) * entry.scores[power];
            } else {
                action = draw_actions(table.of(power), styles[power], 1, rng_)[0];
            }
            for (Code code : action) orders.add(code);
        }
        game.positions.push_back(position);
        game.scores.push_back(expected);
        const size_t row = game.codes.size();
        game.codes.resize(row + kWidth, -1);
        std::copy_n(orders.begin(), std::min(orders.count, kWidth), game.codes.begin() + static_cast<long>(row));
        position.step(orders, next, nullptr);
    }

    static bool searches(const std::array<Style, kPowers>& styles, const Table& table, Style style) {
        for (int power = 0; power < kPowers; ++power)
            if (styles[power] == style && table.of(power).any()) return true;
        return false;
    }

    Pools search(const std::array<Style, kPowers>& styles, const Table& table, const Judge& judge) {
        Pools pools;
        ExploreConfig config = config_.explore;
        config.lambdas = lambdas_;
        for (int power = 0; power < kPowers && config_.known; ++power) {
            config.searches[power] = styles[power] == Style::kSearch || styles[power] == Style::kRival;
            if (config.searches[power] || !table.of(power).any()) continue;
            Entry entry;
            entry.probability = 1.0 / config_.samples_known;
            for (const Action& action : draw_actions(table.of(power), styles[power], config_.samples_known, rng_)) {
                entry.action = action;
                pools[power].push_back(entry);
            }
        }
        explore(table, judge, config, rng_.next(), 1, pools);
        return pools;
    }

    const std::array<const Judge*, 2>& judges_;
    const GamesConfig& config_;
    Rng& rng_;
    std::array<double, kPowers> lambdas_{};
};

}  // namespace

GameRecords play_games(const Position& start, size_t count, const Judge& judge, const Judge& rival, const GamesConfig& config, uint64_t seed, int threads) {
    std::vector<Game> games(count);
    const std::array<const Judge*, 2> judges{&judge, &rival};
    share(count, threads, [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) {
            Rng rng(seed, i);
            Player(judges, config, rng).play(games[i], start, i);
        }
    }, 1);
    GameRecords records;
    records.width = kWidth;
    for (size_t i = 0; i < count; ++i) {
        Game& game = games[i];
        records.positions.insert(records.positions.end(), game.positions.begin(), game.positions.end());
        records.codes.insert(records.codes.end(), game.codes.begin(), game.codes.end());
        records.game.insert(records.game.end(), game.positions.size(), static_cast<int32_t>(i));
        for (Style style : game.styles) records.styles.push_back(static_cast<uint8_t>(style));
        for (const Scores& scores : game.scores) records.scores.insert(records.scores.end(), scores.begin(), scores.end());
        records.ends.push_back(game.end);
        game = {};
    }
    return records;
}

}  // namespace planning
