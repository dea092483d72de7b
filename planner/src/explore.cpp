#include "explore.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "share.hpp"

namespace planning {

namespace {

using Profile = std::array<const Action*, kPowers>;

constexpr float kLeastSpread = 0.01F, kUsualSpread = 0.05F;  // of a score, for the factor on lambda (Cicero's)
constexpr int kStarts = 8;  // random actions of an empty pool

void play(const Position& position, const Profile& profile, const Judge& judge, Orders& orders, Position& next, Scores& scores) {
    orders.count = 0;
    for (const Action* action : profile)
        for (Code code : *action) orders.add(code);
    position.step(orders, next, nullptr);
    judge.score(next, scores);
}

// Joint actions drawn from the policies, stratified for each power.
std::vector<Profile> draw_profiles(const Pools& pools, int count, Rng& rng) {
    std::vector<Profile> profiles(static_cast<size_t>(count));
    std::vector<int> order(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) order[i] = i;
    for (int power = 0; power < kPowers; ++power) {
        rng.shuffle(order.data(), count);
        const auto& pool = pools[power];
        double total = 0;
        for (const Entry& entry : pool) total += entry.probability;
        size_t at = 0;
        double below = pool[0].probability;
        for (int i = 0; i < count; ++i) {
            const double mark = total * (i + rng.uniform()) / count;
            while (below < mark && at + 1 < pool.size()) below += pool[++at].probability;
            profiles[order[i]][power] = &pool[at].action;
        }
    }
    return profiles;
}

std::vector<Profile> read_profiles(const Pools& pools, const std::vector<std::array<int, kPowers>>& indices) {
    std::vector<Profile> profiles(indices.size());
    for (size_t i = 0; i < indices.size(); ++i)
        for (int power = 0; power < kPowers; ++power) profiles[i][power] = &pools[power][static_cast<size_t>(indices[i][power])].action;
    return profiles;
}

// One power's search in one round.
class Search {
public:
    Search(const Moves& moves, const Judge& judge, const ExploreConfig& config, std::vector<Profile> profiles, uint64_t seed)
        : moves_(moves), judge_(judge), config_(config), profiles_(std::move(profiles)), rng_(seed, static_cast<uint64_t>(moves.power())) {}

    void run(std::vector<Entry>& pool) {
        const int power = moves_.power();
        own_.resize(pool.size());
        for (size_t i = 0; i < pool.size(); ++i) {
            allowed(pool[i]);
            evaluate(pool[i], own_[i], false);
            seen_.insert(pool[i].action.hash());
        }
        if (config_.searches[power] && moves_.any()) {
            for (int generation = 0; generation < config_.generations; ++generation) breed(pool);
            keep_best(pool);
        }
        weigh(pool);
    }

private:
    double objective(const Entry& entry) const { return utility(entry.scores) + entry.premium - entry.price + entry.bonus + lambda_ * entry.log_anchor; }

    float utility(const Scores& scores) const {
        const auto& care = config_.care[moves_.power()];
        float sum = 0;
        for (int power = 0; power < kPowers; ++power) sum += care[power] * scores[power];
        return sum;
    }

    // Whether the action has all fixed orders and none that is banned; sets its price and its bonus.
    bool allowed(Entry& entry) const {
        entry.price = entry.bonus = 0;
        if (config_.pledged != moves_.power()) return true;
        const auto has = [&](Code code) { return std::find(entry.action.begin(), entry.action.end(), code) != entry.action.end(); };
        for (const Pledge& pledge : config_.pledges)
            if (std::any_of(pledge.codes.begin(), pledge.codes.end(), has) != pledge.wanted) entry.price += pledge.price;
        for (const Bonus& bonus : config_.bonuses)
            if (std::any_of(bonus.codes.begin(), bonus.codes.end(), has)) entry.bonus += bonus.amount;
        if (std::any_of(config_.banned.begin(), config_.banned.end(), has)) return false;
        return std::all_of(config_.fixed.begin(), config_.fixed.end(), has);
    }

    // Mean scores against the profiles; false if given up early.
    bool evaluate(Entry& entry, std::vector<float>& own, bool may_stop) {
        const int power = moves_.power(), count = static_cast<int>(profiles_.size());
        own.assign(static_cast<size_t>(count), 0);
        std::array<double, kPowers> sum{};
        double behind = 0, tilted = 0;
        const double risk = config_.pledged == power ? config_.risk : 0;
        for (int i = 0; i < count; ++i) {
            Profile profile = profiles_[i];
            profile[power] = &entry.action;
            Scores scores;
            play(moves_.position(), profile, judge_, orders_, next_, scores);
            for (int p = 0; p < kPowers; ++p) sum[p] += scores[p];
            own[i] = utility(scores);
            if (risk != 0) tilted += std::exp(-risk * scores[power]);
            if (!may_stop || !best_) continue;
            behind += (*best_)[i] - own[i];
            if (i + 1 == (count + 2) / 3 && behind / (i + 1) > config_.tolerance + (entry.bonus - best_bonus_)) return false;
        }
        for (int p = 0; p < kPowers; ++p) entry.scores[p] = static_cast<float>(sum[p] / count);
        if (risk != 0) entry.premium = -std::log(tilted / count) / risk - sum[power] / count;
        return true;
    }

    void set_lambda(const std::vector<std::vector<float>>& own) {
        double sum = 0, squares = 0, count = 0;
        for (const auto& row : own)
            for (float x : row) { sum += x; squares += x * x; ++count; }
        const double mean = sum / count, variance = std::max(0.0, squares / count - mean * mean);
        lambda_ = config_.lambdas[moves_.power()];
        if (config_.scaled) lambda_ *= std::sqrt(variance + kLeastSpread * kLeastSpread) / kUsualSpread;
    }

    void breed(std::vector<Entry>& pool) {
        set_lambda(own_);
        std::vector<size_t> rank(pool.size());
        for (size_t i = 0; i < rank.size(); ++i) rank[i] = i;
        std::stable_sort(rank.begin(), rank.end(), [&](size_t a, size_t b) { return objective(pool[a]) > objective(pool[b]); });
        const auto parents = std::min<size_t>(static_cast<size_t>(config_.parents), pool.size());
        best_own_ = own_[rank[0]];
        best_ = &best_own_;
        best_bonus_ = pool[rank[0]].bonus;
        for (int child = 0; child < config_.width; ++child) {
            // Better parents oftener: the smaller of two draws.
            const int a = rng_.below(static_cast<int>(parents)), b = rng_.below(static_cast<int>(parents));
            const Entry& parent = pool[rank[static_cast<size_t>(std::min(a, b))]];
            Entry entry;
            entry.log_anchor = parent.log_anchor - (parent.given ? config_.unknown_anchor : 0);
            if (!moves_.mutate(parent.action, rng_, entry.action) || !seen_.insert(entry.action.hash()).second || !allowed(entry)) continue;
            std::vector<float> own;
            if (!evaluate(entry, own, true)) continue;
            pool.push_back(entry);
            own_.push_back(std::move(own));
        }
    }

    void keep_best(std::vector<Entry>& pool) const {
        std::stable_sort(pool.begin(), pool.end(), [&](const Entry& a, const Entry& b) {
            return a.given != b.given ? a.given : !a.given && objective(a) > objective(b);  // given ones stay in order
        });
        const auto given = static_cast<size_t>(std::count_if(pool.begin(), pool.end(), [](const Entry& e) { return e.given; }));
        pool.resize(std::min(pool.size(), given + static_cast<size_t>(config_.kept)));
    }

    void weigh(std::vector<Entry>& pool) {
        if (!config_.searches[moves_.power()]) return;
        set_lambda(own_);
        double most = -1e300, total = 0;
        const double lambda = std::max(lambda_, 1e-6);
        for (const Entry& entry : pool) most = std::max(most, objective(entry));
        for (Entry& entry : pool) total += entry.probability = std::exp((objective(entry) - most) / lambda);
        for (Entry& entry : pool) entry.probability /= total;
    }

    const Moves& moves_;
    const Judge& judge_;
    const ExploreConfig& config_;
    const std::vector<Profile> profiles_;
    Rng rng_;
    Orders orders_;
    Position next_;
    double lambda_ = 0;
    std::vector<std::vector<float>> own_;    // own scores of each entry, by profile
    std::vector<float> best_own_;
    const std::vector<float>* best_ = nullptr;
    double best_bonus_ = 0;
    std::unordered_set<uint64_t> seen_;
};

}  // namespace

Table::Table(const Position& position) : position_(position) {
    legal_.list(position_);
    for (int power = 0; power < kPowers; ++power) moves_[power] = std::make_unique<Moves>(position_, power, legal_);
}

void explore(const Table& table, const Judge& judge, const ExploreConfig& config, uint64_t seed, int threads, Pools& pools) {
    Rng rng(seed, 99);
    for (int power = 0; power < kPowers; ++power) {
        auto& pool = pools[power];
        if (!pool.empty()) continue;
        Entry entry;
        entry.probability = 1;
        entry.action = table.of(power).first();
        pool.push_back(entry);
        for (int i = 0; i < kStarts && table.of(power).any() && config.searches[power]; ++i) {
            entry.action = table.of(power).random(rng);
            pool.push_back(entry);
        }
    }
    for (int round = 0; round < config.rounds; ++round) {
        const Pools before = pools;
        std::array<std::vector<Profile>, kPowers> profiles;
        for (auto& of_power : profiles)
            of_power = config.profiles.empty() ? draw_profiles(before, config.samples, rng) : read_profiles(before, config.profiles);
        share(kPowers, threads, [&](size_t begin, size_t end) {
            for (size_t power = begin; power < end; ++power) {
                Search search(table.of(static_cast<int>(power)), judge, config, std::move(profiles[power]), mix(seed) + static_cast<uint64_t>(round));
                search.run(pools[power]);
            }
        }, 1);
    }
}

void score_profiles(const Position& position, const Judge& judge, const std::array<std::vector<Action>, kPowers>& actions,
                    const int32_t* profiles, size_t count, int threads, float* out) {
    share(count, threads, [&](size_t begin, size_t end) {
        Orders orders;
        Position next;
        Profile profile;
        for (size_t row = begin; row < end; ++row) {
            for (int power = 0; power < kPowers; ++power) profile[power] = &actions[power][static_cast<size_t>(profiles[row * kPowers + power])];
            Scores scores;
            play(position, profile, judge, orders, next, scores);
            std::copy(scores.begin(), scores.end(), out + row * kPowers);
        }
    });
}

}  // namespace planning
