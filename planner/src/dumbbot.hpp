// DumbBot (David Norman, 2002), written from its published description.
//
// The variant of the original: neutral centres are worth an attack, like those of a power with as many centres as are
// neutral.  (The Python port in `diplomacy/research` gives them no value.)  No convoys.
#pragma once

#include "moves.hpp"

namespace planning {

// Draws orders of one power: worth of every place once, then as many joint orders as wanted.
class DumbBot {
public:
    explicit DumbBot(const Moves& moves);
    Action draw(Rng& rng) const;

private:
    struct Turn;
    double worth(int kind, int location) const { return worth_[kind][static_cast<size_t>(location)]; }
    Action draw_movement(Rng& rng) const;
    Action best_retreats() const;
    Action best_adjustments() const;

    const Moves& moves_;
    std::array<std::vector<double>, 2> worth_;                        // kind -> location -> worth
    std::array<int, kMaxProvinces> competition_{};                    // units of the strongest other power that could come
    std::vector<std::vector<std::pair<double, int>>> ranked_;         // slot -> (worth, location), best first; its own too
};

}  // namespace planning
