// The positions that follow one position under many joint actions.
#pragma once

#include <vector>

#include "position.hpp"

namespace rules {

class Batch {
public:
    // actions[power][k]: orders; profiles: count rows of kPowers indices.  Throws OrderLegalityError, CoreError.
    Batch(const Position& position, const std::array<std::vector<std::vector<Code>>, kPowers>& actions,
          const int32_t* profiles, size_t count, int threads);

    void settle();
    size_t size() const { return positions_.size(); }
    const Position& position(size_t index) const { return positions_.at(index); }
    const Map& map() const { return *map_; }

    // Each fills an array of size() rows.
    void owners(int8_t* out) const;
    void occupants(int8_t* out) const;
    void reach(uint8_t* out) const;
    void unit_counts(int8_t* out) const;
    void center_counts(int8_t* out) const;

private:
    const Map* map_;
    std::vector<Position> positions_;
    int threads_;

    template <class Work> void share(Work work);
};

}  // namespace rules
