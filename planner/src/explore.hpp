// Candidate actions of every power, found by local search against what the others will probably play.
#pragma once

#include <memory>

#include "moves.hpp"
#include "value.hpp"

namespace planning {

struct Entry {
    Action action;
    double log_anchor = 0;   // of the anchor policy, up to a constant of the power
    double price = 0;        // of the pledges it breaks
    double bonus = 0;        // of the orders that are liked
    double premium = 0;      // by which the certainty equivalent of the power's own score exceeds its mean
    double probability = 0;  // in the power's present policy
    Scores scores{};         // of all powers when this is played and the others play their policies
    bool given = false;      // by the caller: never dropped
};

// A price on having none of these orders, or (not wanted) any of them.
struct Pledge {
    std::vector<Code> codes;
    double price = 0;
    bool wanted = true;
};

// Counts once for an action that has any of these orders.
struct Bonus {
    std::vector<Code> codes;
    double amount = 0;
};

struct ExploreConfig {
    int rounds = 2;       // in each, all powers search against the policies of the round before
    int generations = 4;  // of changed actions in a round
    int width = 24;       // changed actions of a generation
    int samples = 12;     // joint actions of the others that each is tried against
    std::vector<std::array<int, kPowers>> profiles;  // these instead of draws: indices of given actions
    int parents = 4;      // actions that are changed: the best so far
    int kept = 12;        // actions found that a power keeps
    std::array<double, kPowers> lambdas{};  // of the policies: exp((utility + lambda log anchor) / lambda)
    bool scaled = true;          // whether lambdas are for usual stakes, and follow each power's
    float unknown_anchor = 6;    // nats by which an action found is less likely in the anchor than its parent
    float tolerance = 0.02F;     // an action this much worse after a third of the samples is given up
    std::array<bool, kPowers> searches{true, true, true, true, true, true, true};  // others keep their actions
    std::array<std::array<float, kPowers>, kPowers> care{};  // utility of a power: its row times everybody's scores
    int pledged = -1;            // the power that the following hold for
    std::vector<Pledge> pledges;
    std::vector<Code> fixed;     // orders that all its actions have
    std::vector<Bonus> bonuses;
    std::vector<Code> banned;    // orders that no action found has
    double risk = 0;             // rho: its own score counts as -1/rho log E[exp(-rho score)]; 0: as its mean

    ExploreConfig() {
        lambdas.fill(0.001);
        for (int power = 0; power < kPowers; ++power) care[power][power] = 1;
    }
};

using Pools = std::array<std::vector<Entry>, kPowers>;

// Legal orders of all powers in one position.
class Table {
public:
    explicit Table(const Position& position);
    const Position& position() const { return position_; }
    const Moves& of(int power) const { return *moves_[power]; }

private:
    Position position_;
    LegalOrders legal_;
    std::array<std::unique_ptr<Moves>, kPowers> moves_;
};

// Enlarges the pools and gives their entries scores and probabilities.  Empty pools of powers that search start from
// their first action and random ones.
void explore(const Table& table, const Judge& judge, const ExploreConfig& config, uint64_t seed, int threads, Pools& pools);

// Scores [count, powers] of joint actions: profiles [count, powers] are indices of each power's actions.
void score_profiles(const Position& position, const Judge& judge, const std::array<std::vector<Action>, kPowers>& actions,
                    const int32_t* profiles, size_t count, int threads, float* out);

}  // namespace planning
