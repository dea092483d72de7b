// Sizes and sets: the limits of a board, and sets of its places as bits.
//
// The sources are compiled twice: for boards as large as the standard one, and with RULES_LARGE for larger ones.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace rules {

#ifdef RULES_LARGE
constexpr int kPowers = 24;
constexpr int kMaxProvinces = 320;
constexpr int kMaxLocations = 384;
constexpr int kMaxCenters = 128;
constexpr int kMaxSeas = 64;
constexpr int kMaxNeighbours = 32;
constexpr int kLocationBits = 9;
using Location = uint16_t;
using Index = int16_t;
using Count = int16_t;
using Code = int64_t;
using Seas = uint64_t;
using Ways = uint32_t;
#else
constexpr int kPowers = 7;
constexpr int kMaxProvinces = 80;   // few enough that a position with its Python head stays under 512 bytes
constexpr int kMaxLocations = 126;
constexpr int kMaxCenters = 40;
constexpr int kMaxSeas = 32;
constexpr int kMaxNeighbours = 16;  // of one place
constexpr int kLocationBits = 7;
using Location = uint8_t;   // of a place a fleet or army stands in
using Index = int8_t;       // of a unit, or -1
using Count = int8_t;       // of one power's units or centres
using Code = int32_t;       // an order, packed
using Seas = uint32_t;      // a set of sea provinces, numbered by Map::sea_number
using Ways = uint16_t;      // a set of the places that a unit can go to, numbered as in Map::ways
#endif

constexpr int kNone = (1 << kLocationBits) - 1;  // no location
constexpr int kFar = 9999;                       // no way home
constexpr int8_t kNobody = -1;                   // no power

struct CoreError : std::runtime_error { using std::runtime_error::runtime_error; };
struct OrderTextError : CoreError { using CoreError::CoreError; };
struct OrderLegalityError : CoreError { using CoreError::CoreError; };
struct IllegalStateError : CoreError { using CoreError::CoreError; };

inline int lowest(uint64_t bits) { return __builtin_ctzll(bits); }
inline Seas sea_bit(int sea) { return Seas{1} << sea; }

// A set of provinces or of locations.
struct Places {
    static constexpr int kWords = (kMaxLocations + 63) / 64;
    std::array<uint64_t, kWords> words{};

    bool has(int i) const { return (words[static_cast<size_t>(i) >> 6] >> (i & 63) & 1) != 0; }
    void add(int i) { words[static_cast<size_t>(i) >> 6] |= uint64_t{1} << (i & 63); }
    void remove(int i) { words[static_cast<size_t>(i) >> 6] &= ~(uint64_t{1} << (i & 63)); }
    bool any() const {
        uint64_t all = 0;
        for (uint64_t word : words) all |= word;
        return all != 0;
    }
    int count() const {
        int total = 0;
        for (uint64_t word : words) total += __builtin_popcountll(word);
        return total;
    }
    Places& operator|=(const Places& o) { for (int w = 0; w < kWords; ++w) words[w] |= o.words[w]; return *this; }
    Places& operator&=(const Places& o) { for (int w = 0; w < kWords; ++w) words[w] &= o.words[w]; return *this; }
    Places operator|(const Places& o) const { Places both = *this; return both |= o; }
    Places operator&(const Places& o) const { Places both = *this; return both &= o; }
    Places without(const Places& o) const {
        Places left = *this;
        for (int w = 0; w < kWords; ++w) left.words[w] &= ~o.words[w];
        return left;
    }
    bool operator==(const Places& o) const { return words == o.words; }

    template <class Visit> void each(Visit visit) const {
        for (int w = 0; w < kWords; ++w)
            for (uint64_t bits = words[w]; bits; bits &= bits - 1) visit(64 * w + lowest(bits));
    }
    // The member with this many smaller ones.
    int nth(int n) const {
        for (int w = 0; w < kWords; ++w) {
            const int here = __builtin_popcountll(words[w]);
            if (n >= here) { n -= here; continue; }
            uint64_t bits = words[w];
            while (n--) bits &= bits - 1;
            return 64 * w + lowest(bits);
        }
        return -1;
    }
};

// Mixes all bits of a number (the finaliser of SplitMix64, G. Steele et al. 2014).
constexpr uint64_t mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

// A small reproducible source of random numbers (SplitMix64).
struct Rng {
    uint64_t state;
    explicit Rng(uint64_t seed, uint64_t stream = 0) : state(mix(seed) ^ mix(~stream)) {}
    uint64_t next() { return mix(state += 0x9e3779b97f4a7c15ULL); }
    int below(int n) { return static_cast<int>(((next() >> 32) * static_cast<uint64_t>(n)) >> 32); }
    bool chance(int percent) { return below(100) < percent; }
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // in [0, 1)
    template <class Item> void shuffle(Item* items, int count) {
        for (int i = count; i > 1; --i) std::swap(items[below(i)], items[i - 1]);
    }
};

}  // namespace rules
