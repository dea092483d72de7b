// A position as numbers for a network.
#pragma once

#include <string>
#include <vector>

#include "position.hpp"

namespace rules {

// Columns of each location, in order: army, fleet (here; also in the row of the province, for a unit on a coast), unit of
// power 1 ..., dislodged army, dislodged fleet, dislodged of power 1 ..., centre of power 1 ..., centre of nobody,
// can be built in, must disband one of these, land, coast, sea.
inline int place_columns(const Map& map) { return 2 + 2 + 3 * map.power_count() + 1 + 2 + 3; }
// Numbers of the whole board: spring, fall, winter, movement, retreats, adjustments, years played / 10, then for each
// power centres / victory centres, units / victory centres, builds (negative: removals) / 4.
inline int board_columns(const Map& map) { return 7 + 3 * map.power_count(); }

// Units of each power that stand in each centre or could go there without convoy: [centres, powers].
void count_reach(const Position& position, uint8_t* out);

std::vector<std::string> place_column_names(const Map& map);
std::vector<std::string> board_column_names(const Map& map);

// Writes location_count() rows of place_columns() and board_columns() numbers.
template <class Number> void encode_places(const Position& position, Number* out);
void encode_board(const Position& position, float* out);

}  // namespace rules
