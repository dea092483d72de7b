// Joint orders at random, and whole games of them.
#pragma once

#include "legal.hpp"

namespace rules {

enum class Play : uint8_t {
    kUniform,   // every unit any of its legal orders
    kCoherent,  // most supports and convoys help what the other unit really does
};

// Fills in legal orders of all powers; builds and removals as many as are due.
void sample_orders(const Position& position, Rng& rng, Play play, LegalOrders& legal, Orders& orders);

}  // namespace rules
