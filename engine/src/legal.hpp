// All legal orders of a position, in flat arrays.
#pragma once

#include "position.hpp"

namespace rules {

// What the units of a movement phase can do, worked out once for all that asks: listing, sampling.
struct Situation {
    struct Item {
        int power, kind, location, province, sea;  // sea: its number, or -1
        Places moves;                              // provinces, by land or as a fleet
        Places by_convoy;                          // provinces
        Seas convoy_seas;                          // seas with fleets that could take part
    };
    const Position& position;
    int count = 0;
    std::array<Item, kMaxProvinces> units;
    std::array<Index, kMaxProvinces> unit_at;  // province -> unit, or -1

    explicit Situation(const Position& position);
    // Provinces into which unit `helper` may support unit `other`.
    Places supportable(const Item& helper, const Item& other) const;
    // Where the army can be convoyed with the help of each fleet: goals[sea number], for the seas in its convoy_seas.
    void convoys_by_fleet(const Item& army, std::array<Places, kMaxSeas>& goals) const;
};

// Codes by province: those of province p lie from starts[p] to starts[p + 1], in no particular order but always the
// same.  Meant to be used again: it allocates only where it grows.
struct LegalOrders {
    std::vector<Code> codes;
    std::array<int32_t, kMaxProvinces + 1> starts;

    void list(const Position& position);
    int count(int province) const { return starts[province + 1] - starts[province]; }
    const Code* of(int province) const { return codes.data() + starts[province]; }

private:
    void list_movement(const Position& position);
    void list_retreats(const Position& position, int province);
    void list_adjustments(const Position& position, int province, const std::array<int, kPowers>& builds);
};

}  // namespace rules
