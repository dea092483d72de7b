// Many positions at once, shared out over threads.
#pragma once

#include <vector>

#include "sampling.hpp"

namespace rules {

// Plays out retreats: to an own centre, else to any, else to the first place.
void settle(Position& position);

class Batch {
public:
    Batch(std::vector<Position> positions, int threads);
    // One position under many joint actions.  actions[power][k]: orders; profiles: count rows of power_count() indices.
    // Throws OrderLegalityError, CoreError.
    Batch(const Position& position, const std::vector<std::vector<std::vector<Code>>>& actions,
          const int32_t* profiles, size_t count, int threads);

    // Plays one phase of every position that is not over: rows of `width` codes of all powers, negative ones left out.
    // Throws OrderLegalityError that names the row; then nothing has changed.
    void step(const Code* codes, size_t width);
    // Legal orders at random, as step() takes them.  Throws CoreError if a row has not room for a position's orders.
    void sample(uint64_t seed, Play play, Code* codes, size_t width) const;
    // All legal orders: row r's, of province p, lie from starts[r][p] to starts[r][p + 1].
    void legal(std::vector<Code>& codes, int64_t* starts) const;
    void settle();  // every position

    Batch copy() const { return Batch(positions_, threads_); }
    size_t size() const { return positions_.size(); }
    const Position& position(size_t index) const { return positions_.at(index); }
    const Map& map() const { return *map_; }
    int threads() const { return threads_; }

    // Each fills an array of size() rows.
    template <class Number> void encode_places(Number* out) const;
    void encode_board(float* out) const;
    void owners(int8_t* out) const;
    void occupants(int8_t* out) const;
    void reach(uint8_t* out) const;
    void unit_counts(Count* out) const;
    void center_counts(Count* out) const;

private:
    const Map* map_;
    std::vector<Position> positions_, following_;  // following_: room for step(), kept from one to the next
    int threads_;
};

struct RandomGames {
    std::vector<Position> ends;
    int64_t phases = 0, movement_phases = 0;
};

// Games of random orders, to a victory or the end of a year.
RandomGames random_games(const Map& map, size_t count, int last_year, uint64_t seed, Play play, int threads);

// Counts of everything that can happen in so many phases: all joint orders are tried.
struct Perft {
    uint64_t joint_orders = 0, positions = 0;  // ways to get there; different positions reached
    uint64_t bounces = 0, cuts = 0, dislodged = 0, disrupted = 0, disbands = 0;  // results in the last phase
};

// Throws CoreError once there are more than `limit` joint orders.
Perft perft(const Position& position, int phases, uint64_t limit);

}  // namespace rules
