// Positions -> expected scores of the seven powers: a hand-made value, and a small network.
#pragma once

#include <memory>
#include <vector>

#include "memo.hpp"
#include "position.hpp"

namespace planning {

using namespace rules;

constexpr int kReachLevels = 4;                              // 0, 1, 2, 3 or more units
constexpr int kClaims = kReachLevels * kReachLevels * 3 * 3;  // of a power on a centre

// Who stands in, owns and could reach each centre, as seen by each power: the class of its claim,
// `own reach * 36 + strongest other's reach * 9 + stands * 3 + owns`; stands and owns: 0 nobody, 1 the power, 2 another.
struct Claims {
    std::array<std::array<uint8_t, kMaxCenters>, kPowers> of;
    explicit Claims(const Position& position);
};

// Whether one move remains before centres change hands.
inline bool one_move_left(const Position& position) {
    return position.season == Season::kFall && position.kind != PhaseKind::kAdjustments;
}

// Index of what depends on it: 0 where one move is left, 1 where two are.
inline int season_of(const Position& position) { return one_move_left(position) ? 0 : 1; }

class Value {
public:
    virtual ~Value() = default;
    // Of a position without retreats.
    virtual void score(const Position& position, Scores& scores) const = 0;
};

// How a game that ends is scored; a solo always takes all.
enum class Scoring : uint8_t {
    kSumOfSquares,  // shares of the squares of the centres
    kDrawSize,      // equal shares of the living
    kSolo,          // nothing for anybody
};

// Scores of a game that ends here.
void final_scores(const Position& position, Scoring scoring, Scores& scores);

struct ThreatTables {
    std::vector<float> one_move, two_moves;  // kClaims weights each
    float nobody_one_move = 0, nobody_two_moves = 0;
    float solo_centers = 17.5F, solo_slope = 1.5F;
};

// Each centre goes to each power in proportion to the weight of its claim; squares of expected centres; a chance of a solo.
class ThreatValue : public Value {
public:
    explicit ThreatValue(ThreatTables tables);
    void score(const Position& position, Scores& scores) const override { score(position, Claims(position), scores); }
    void score(const Position& position, const Claims& claims, Scores& scores) const;

private:
    ThreatTables tables_;
};

// Inputs of the network for one power: rows of its table of features, whose sum is the first layer; kFeatures of them,
// unused ones the last row, which is zero.
constexpr int kMaxUnitsSeen = 20, kBuildLevels = 15, kOwnLevels = 35;
int feature_rows(const Map& map);
int feature_count(const Map& map);
void value_features(const Position& position, const Claims& claims, int32_t* out);  // [powers, feature_count]

constexpr int kMostWidth = 256;  // of a layer

struct NetworkWeights {
    int rows = 0, width = 0, hidden = 0;
    std::vector<float> table, bias;          // [rows, width], [width]
    std::vector<float> own, context, inner;  // [width, hidden], [width, hidden], [hidden]
    std::vector<float> head;                 // [hidden]
    float nobody = -1e30F;                   // logit of nobody's winning, where that is possible
    std::array<float, 2> trust{};            // in the threat value, by moves left
};

constexpr float kLeastScore = 1e-3F;  // of the threat value, whose logarithm is taken

// a_p = relu(bias + sum of rows);  h_p = relu(a_p own + mean_q a_q context + inner);  scores = softmax over the living
// (and nobody) of h_p head + trust log(threat value + least); a power with a victory takes all.
class NetworkValue : public Value {
public:
    NetworkValue(NetworkWeights weights, const ThreatValue& threat);
    void score(const Position& position, Scores& scores) const override;

private:
    NetworkWeights weights_;
    ThreatValue threat_;
};

// The value with a chance that the game ends at the turn of the year, scored as it then stands.
struct Judge {
    const Value* value;
    float ending = 0;
    Scoring scoring = Scoring::kSumOfSquares;
    Memo* memo = nullptr;  // of this value's scores, or none

    // Plays out retreats, builds and removals first.  What is left of the position is of no use.
    void score(Position& position, Scores& scores) const;

private:
    void work_out(Position& position, Scores& scores) const;
};

}  // namespace planning
