// Whole games among fast players, for training and measurement.
#pragma once

#include "explore.hpp"

namespace planning {

enum class Style : uint8_t {
    kSearch,   // explores with the judge's value, every power at once, and draws from the policy found
    kRival,    // the same with another judge
    kDumbBot,
    kRandom,   // plain orders at random
};
constexpr int kStyles = 4;

struct GamesConfig {
    int until = 1912;                            // last year played
    int random_phases = 0;                       // so many first movement phases, at most, are played at random
    double lambda_spread = 1;                    // each seat's lambda is up to so many times the configured, log-uniformly
    float noise = 0;                             // chance that a searching power plays any of the actions it kept
    std::array<float, kStyles> styles{1, 0, 0, 0};  // weights with which each seat draws its style
    std::array<int, kPowers> seats{-1, -1, -1, -1, -1, -1, -1};  // styles of seats; -1: drawn
    bool rotate = true;                          // seat s of game g takes seats[(s + g) % 7]
    bool known = true;                           // whether searching powers know who does not search, and how it plays
    int samples_known = 6;                       // actions that they then believe in, of each such power
    ExploreConfig explore;
};

// Every phase of the games, one after another.
struct GameRecords {
    int width = 0;
    std::vector<Position> positions;   // before each phase
    std::vector<Code> codes;           // [phases, width]: the orders of all powers, then -1
    std::vector<int32_t> game;         // number of each phase's game
    std::vector<uint8_t> styles;       // [games, powers]
    std::vector<Position> ends;        // [games]
    std::vector<float> scores;         // [phases, powers]: what the search expected; 0 where nobody searched
};

GameRecords play_games(const Position& start, size_t count, const Judge& judge, const Judge& rival, const GamesConfig& config, uint64_t seed, int threads);

}  // namespace planning
