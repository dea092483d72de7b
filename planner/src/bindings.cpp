// The only file that knows Python.  Position and Batch are the classes of engine._core, which must be loaded first.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "batch.hpp"
#include "dumbbot.hpp"
#include "games.hpp"
#include "share.hpp"

namespace nb = nanobind;
using namespace nb::literals;
using namespace planning;

namespace {

using Floats = nb::ndarray<const float, nb::c_contig, nb::device::cpu>;
using Profiles = nb::ndarray<const int32_t, nb::shape<-1, kPowers>, nb::c_contig, nb::device::cpu>;
using ActionCodes = std::vector<Code>;

std::vector<float> floats(const char* name, const Floats& array, size_t size) {
    if (array.size() != size) throw CoreError(std::string(name) + ": expected " + std::to_string(size) + " numbers, got " + std::to_string(array.size()));
    return {array.data(), array.data() + size};
}

Action read_action(const Position& position, int power, const ActionCodes& codes) {
    position.check_orders(power, codes.data(), static_cast<int>(codes.size()));
    Action action;
    for (Code code : codes)
        if (Order::kind_of(code) != OrderKind::kWaive) action.add(code);
    return action;
}

nb::tuple action_tuple(const Action& action) {
    nb::list codes;
    for (Code code : action) codes.append(code);
    return nb::tuple(codes);
}

// Actions as they are, without those that a unit was forgotten in: an action lists every unit.
std::array<std::vector<Action>, kPowers> read_actions(const Position& position, const std::vector<std::vector<ActionCodes>>& actions) {
    if (actions.size() != kPowers) throw CoreError("expected actions of " + std::to_string(kPowers) + " powers, got " + std::to_string(actions.size()));
    std::array<std::vector<Action>, kPowers> read;
    for (int power = 0; power < kPowers; ++power) {
        for (const auto& codes : actions[power]) read[power].push_back(read_action(position, power, codes));
        if (read[power].empty()) read[power].emplace_back();
    }
    return read;
}

template <class Number> nb::ndarray<nb::numpy, Number> copied(const std::vector<Number>& numbers, std::initializer_list<size_t> shape) {
    return filled<Number>(shape, [&](Number* out) { std::copy(numbers.begin(), numbers.end(), out); });
}

// Calls work(row) for every row of a batch.
template <class Work> void each_row(const Batch& batch, int threads, Work work) {
    share(batch.size(), thread_count(threads), [&](size_t begin, size_t end) {
        for (size_t row = begin; row < end; ++row) work(row);
    });
}

// A value and a memo kept alive by Python, as a judge.
Judge judge_of(const Value& value, float ending, Scoring scoring, Memo* memo = nullptr) {
    Judge judge;
    judge.value = &value;
    judge.ending = ending;
    judge.scoring = scoring;
    judge.memo = memo;
    return judge;
}

}  // namespace

NB_MODULE(_planner, m) {
    nb::module_::import_("engine._core");
    nb::enum_<Scoring>(m, "Scoring")
        .value("SUM_OF_SQUARES", Scoring::kSumOfSquares)
        .value("DRAW_SIZE", Scoring::kDrawSize)
        .value("SOLO", Scoring::kSolo);
    m.attr("CLAIMS") = kClaims;
    m.attr("BUILD_LEVELS") = kBuildLevels;
    m.attr("OWN_LEVELS") = kOwnLevels;
    m.def("final_scores", [](const Batch& batch, Scoring scoring) {
        return filled<float>({batch.size(), size_t{kPowers}}, [&](float* out) {
            for (size_t row = 0; row < batch.size(); ++row) {
                Scores scores;
                final_scores(batch.position(row), scoring, scores);
                out = std::copy(scores.begin(), scores.end(), out);
            }
        });
    }, "batch"_a, "scoring"_a = Scoring::kSumOfSquares);

    nb::class_<Value>(m, "Value")
        .def("scores", [](const Value& value, const Batch& batch, float ending, Scoring scoring, int threads) {
            float* out;
            auto array = new_array<float>({batch.size(), size_t{kPowers}}, out);
            const Judge judge = judge_of(value, ending, scoring);
            {
                nb::gil_scoped_release free_gil;
                each_row(batch, threads, [&](size_t row) {
                    Position position = batch.position(row);
                    Scores scores;
                    judge.score(position, scores);
                    std::copy(scores.begin(), scores.end(), out + row * kPowers);
                });
            }
            return array;
        }, "batch"_a, "ending"_a = 0.0F, "scoring"_a = Scoring::kSumOfSquares, "threads"_a = 1);

    nb::class_<Memo>(m, "Memo").def(nb::init<>());

    nb::class_<ThreatValue, Value>(m, "ThreatValue")
        .def("__init__", [](ThreatValue* self, Floats one_move, Floats two_moves, float nobody_one_move, float nobody_two_moves, float solo_centers, float solo_slope) {
            ThreatTables tables{floats("one_move", one_move, kClaims), floats("two_moves", two_moves, kClaims), nobody_one_move, nobody_two_moves, solo_centers, solo_slope};
            new (self) ThreatValue(std::move(tables));
        }, "one_move"_a, "two_moves"_a, "nobody_one_move"_a, "nobody_two_moves"_a, "solo_centers"_a, "solo_slope"_a);

    nb::class_<NetworkValue, Value>(m, "NetworkValue")
        .def("__init__", [](NetworkValue* self, Floats table, Floats bias, Floats own, Floats context, Floats inner, Floats head, std::array<float, 2> trust,
                            const ThreatValue& threat, float nobody) {
            NetworkWeights weights;
            weights.width = static_cast<int>(bias.size());
            weights.hidden = static_cast<int>(inner.size());
            weights.rows = weights.width ? static_cast<int>(table.size() / bias.size()) : 0;
            weights.table = floats("table", table, static_cast<size_t>(weights.rows) * bias.size());
            weights.bias = floats("bias", bias, bias.size());
            weights.own = floats("own", own, bias.size() * inner.size());
            weights.context = floats("context", context, bias.size() * inner.size());
            weights.inner = floats("inner", inner, inner.size());
            weights.head = floats("head", head, inner.size());
            weights.nobody = nobody;
            weights.trust = trust;
            new (self) NetworkValue(std::move(weights), threat);
        }, "table"_a, "bias"_a, "own"_a, "context"_a, "inner"_a, "head"_a, "trust"_a, "threat"_a, "nobody"_a = -1e30F);
    m.attr("LEAST_SCORE") = kLeastScore;

    m.def("value_features", [](const Batch& batch, int threads) {
        const auto count = static_cast<size_t>(feature_count(batch.map()));
        int32_t* out;
        auto array = new_array<int32_t>({batch.size(), size_t{kPowers}, count}, out);
        {
            nb::gil_scoped_release free_gil;
            each_row(batch, threads, [&](size_t row) {
                const Position& position = batch.position(row);
                value_features(position, Claims(position), out + row * kPowers * count);
            });
        }
        return array;
    }, "batch"_a, "threads"_a = 1);
    m.def("feature_rows", [](const Position& position) { return feature_rows(*position.map); }, "position"_a);

    m.def("score_profiles", [](const Position& position, const std::vector<std::vector<ActionCodes>>& actions, Profiles profiles, const Value& value,
                               float ending, Scoring scoring, Memo* memo, int threads) {
        const auto read = read_actions(position, actions);
        const size_t count = profiles.shape(0);
        for (size_t cell = 0; cell < count * kPowers; ++cell)
            if (profiles.data()[cell] < 0 || static_cast<size_t>(profiles.data()[cell]) >= read[cell % kPowers].size())
                throw CoreError("profile " + std::to_string(cell / kPowers) + ": expected an action of " + position.map->powers[cell % kPowers] + " below " +
                                std::to_string(read[cell % kPowers].size()) + ", got " + std::to_string(profiles.data()[cell]));
        float* out;
        auto array = new_array<float>({count, size_t{kPowers}}, out);
        const Judge judge = judge_of(value, ending, scoring, memo);
        nb::gil_scoped_release free_gil;
        score_profiles(position, judge, read, profiles.data(), count, thread_count(threads), out);
        return array;
    }, "position"_a, "actions"_a, "profiles"_a.noconvert(), "value"_a, "ending"_a = 0.0F, "scoring"_a = Scoring::kSumOfSquares,
       "memo"_a = nb::none(), "threads"_a = 1);

    nb::class_<ExploreConfig>(m, "ExploreConfig")
        .def(nb::init<>())
        .def_rw("rounds", &ExploreConfig::rounds)
        .def_rw("generations", &ExploreConfig::generations)
        .def_rw("width", &ExploreConfig::width)
        .def_rw("samples", &ExploreConfig::samples)
        .def_rw("profiles", &ExploreConfig::profiles)
        .def_rw("parents", &ExploreConfig::parents)
        .def_rw("kept", &ExploreConfig::kept)
        .def_rw("lambdas", &ExploreConfig::lambdas)
        .def_rw("scaled", &ExploreConfig::scaled)
        .def_rw("care", &ExploreConfig::care)
        .def_rw("unknown_anchor", &ExploreConfig::unknown_anchor)
        .def_rw("tolerance", &ExploreConfig::tolerance)
        .def_rw("searches", &ExploreConfig::searches)
        .def("pledge", [](ExploreConfig& config, int power, std::vector<std::tuple<ActionCodes, double, bool>> pledges, ActionCodes fixed) {
            config.pledged = power;
            config.fixed = std::move(fixed);
            config.pledges.clear();
            for (auto& [codes, price, wanted] : pledges) config.pledges.push_back({codes, price, wanted});
        }, "power"_a, "pledges"_a, "fixed"_a)
        .def("prefer", [](ExploreConfig& config, std::vector<std::pair<ActionCodes, double>> bonuses, ActionCodes banned, double risk) {
            config.bonuses.clear();
            for (auto& [codes, amount] : bonuses) config.bonuses.push_back({codes, amount});
            config.banned = std::move(banned);
            config.risk = risk;
        }, "bonuses"_a, "banned"_a, "risk"_a);

    m.def("explore", [](const Position& position, const std::vector<std::vector<ActionCodes>>& actions, const std::vector<std::vector<double>>& log_anchors,
                        const std::vector<std::vector<double>>& policies, const Value& value, const ExploreConfig& config, uint64_t seed, float ending,
                        Scoring scoring, Memo* memo, int threads) {
        if (actions.size() != kPowers || log_anchors.size() != kPowers || policies.size() != kPowers)
            throw CoreError("expected actions, log anchors and policies of " + std::to_string(kPowers) + " powers");
        Pools pools;
        for (int power = 0; power < kPowers; ++power) {
            const size_t count = actions[power].size();
            if (log_anchors[power].size() != count || policies[power].size() != count)
                throw CoreError(position.map->powers[power] + ": expected a log anchor and a probability for each of " + std::to_string(count) + " actions");
            for (size_t i = 0; i < count; ++i) {
                Entry entry;
                entry.action = read_action(position, power, actions[power][i]);
                entry.log_anchor = log_anchors[power][i];
                entry.probability = policies[power][i];
                entry.given = true;
                pools[power].push_back(entry);
            }
        }
        for (const auto& profile : config.profiles)
            for (int power = 0; power < kPowers; ++power)
                if (profile[power] < 0 || static_cast<size_t>(profile[power]) >= actions[power].size())
                    throw CoreError("profiles: expected an action of " + position.map->powers[power] + " below " +
                                    std::to_string(actions[power].size()) + ", got " + std::to_string(profile[power]));
        const Judge judge = judge_of(value, ending, scoring, memo);
        {
            nb::gil_scoped_release free_gil;
            explore(Table(position), judge, config, seed, thread_count(threads), pools);
        }
        nb::list found;
        for (const auto& pool : pools) {
            nb::list of_power;
            for (const Entry& entry : pool)
                of_power.append(nb::make_tuple(action_tuple(entry.action), entry.scores, entry.probability));
            found.append(of_power);
        }
        return found;
    }, "position"_a, "actions"_a, "log_anchors"_a, "policies"_a, "value"_a, "config"_a, "seed"_a, "ending"_a = 0.0F,
       "scoring"_a = Scoring::kSumOfSquares, "memo"_a = nb::none(), "threads"_a = 1);

    m.def("dumbbot", [](const Position& position, int power, int count, uint64_t seed) {
        if (power < 0 || power >= kPowers) throw CoreError("power: expected 0 to " + std::to_string(kPowers - 1) + ", got " + std::to_string(power));
        LegalOrders legal;
        legal.list(position);
        const Moves moves(position, power, legal);
        const DumbBot bot(moves);
        Rng rng(seed, static_cast<uint64_t>(power));
        nb::list drawn;
        for (int i = 0; i < count; ++i) drawn.append(action_tuple(bot.draw(rng)));
        return drawn;
    }, "position"_a, "power"_a, "count"_a, "seed"_a);

    nb::class_<GamesConfig>(m, "GamesConfig")
        .def(nb::init<>())
        .def_rw("until", &GamesConfig::until)
        .def_rw("random_phases", &GamesConfig::random_phases)
        .def_rw("noise", &GamesConfig::noise)
        .def_rw("lambda_spread", &GamesConfig::lambda_spread)
        .def_rw("styles", &GamesConfig::styles)
        .def_rw("seats", &GamesConfig::seats)
        .def_rw("rotate", &GamesConfig::rotate)
        .def_rw("known", &GamesConfig::known)
        .def_rw("samples_known", &GamesConfig::samples_known)
        .def_rw("explore", &GamesConfig::explore);

    nb::class_<GameRecords>(m, "GameRecords")
        .def_prop_ro("batch", [](const GameRecords& r) { return Batch(r.positions, 1); }, nb::rv_policy::move)
        .def_prop_ro("ends", [](const GameRecords& r) { return Batch(r.ends, 1); }, nb::rv_policy::move)
        .def_prop_ro("codes", [](const GameRecords& r) { return copied(r.codes, {r.positions.size(), static_cast<size_t>(r.width)}); }, nb::rv_policy::move)
        .def_prop_ro("games", [](const GameRecords& r) { return copied(r.game, {r.game.size()}); }, nb::rv_policy::move)
        .def_prop_ro("styles", [](const GameRecords& r) { return copied(r.styles, {r.ends.size(), size_t{kPowers}}); }, nb::rv_policy::move)
        .def_prop_ro("scores", [](const GameRecords& r) { return copied(r.scores, {r.positions.size(), size_t{kPowers}}); }, nb::rv_policy::move);

    m.def("play_games", [](const Position& start, size_t count, const Value& value, const GamesConfig& config, uint64_t seed, float ending, const Value* rival, int threads) {
        if (!count) throw CoreError("expected 1 game or more, got 0");
        Memo memo, rivals_memo;
        const Judge judge = judge_of(value, ending, Scoring::kSumOfSquares, &memo);
        const Judge other = judge_of(rival ? *rival : value, ending, Scoring::kSumOfSquares, rival ? &rivals_memo : &memo);
        nb::gil_scoped_release free_gil;
        return play_games(start, count, judge, other, config, seed, thread_count(threads));
    }, "start"_a, "count"_a, "value"_a, "config"_a, "seed"_a, "ending"_a = 0.0F, "rival"_a = nb::none(), "threads"_a = 1);
}
