// Orders as packed numbers, and their text.
#pragma once

#include <array>
#include <string>

#include "map.hpp"

namespace rules {

enum class OrderKind : uint8_t { kHold, kMove, kSupport, kConvoy, kRetreat, kDisband, kBuild, kWaive };

// Bits of a code, from the lowest: location, unit kind (1), order kind (4), target, aided location, aided kind (1),
// via (1); a location takes kLocationBits.  Unused places hold kNone.
struct Order {
    OrderKind kind = OrderKind::kHold;
    uint8_t unit_kind = kArmy;
    uint8_t aided_kind = kArmy;
    bool via = false;
    int location = kNone;
    int target = kNone;  // where a move, retreat, convoy or supported move goes
    int aided = kNone;   // location of the supported or convoyed unit

    static constexpr int kUnitKindBit = kLocationBits, kKindBit = kUnitKindBit + 1, kTargetBit = kKindBit + 4,
                         kAidedBit = kTargetBit + kLocationBits, kAidedKindBit = kAidedBit + kLocationBits, kViaBit = kAidedKindBit + 1;

    Code code() const {
        return static_cast<Code>(location) | static_cast<Code>(unit_kind) << kUnitKindBit | static_cast<Code>(kind) << kKindBit |
               static_cast<Code>(target) << kTargetBit | static_cast<Code>(aided) << kAidedBit |
               static_cast<Code>(aided_kind) << kAidedKindBit | static_cast<Code>(via) << kViaBit;
    }
    static Order from(Code code) {
        Order order;
        order.location = static_cast<int>(code & kNone);
        order.unit_kind = code >> kUnitKindBit & 1;
        order.kind = static_cast<OrderKind>(code >> kKindBit & 15);
        order.target = static_cast<int>(code >> kTargetBit & kNone);
        order.aided = static_cast<int>(code >> kAidedBit & kNone);
        order.aided_kind = code >> kAidedKindBit & 1;
        order.via = (code >> kViaBit & 1) != 0;
        return order;
    }
    static int location_of(Code code) { return static_cast<int>(code & kNone); }
    static OrderKind kind_of(Code code) { return static_cast<OrderKind>(code >> kKindBit & 15); }

    // The same orders written quickly: an order without target, and one with.
    static Code plain(OrderKind kind, int unit_kind, int location) {
        return static_cast<Code>(location) | static_cast<Code>(unit_kind) << kUnitKindBit | static_cast<Code>(kind) << kKindBit |
               static_cast<Code>(kNone) << kTargetBit | static_cast<Code>(kNone) << kAidedBit;
    }
    static Code aimed(Code plain, int target) {
        return plain ^ (static_cast<Code>(kNone ^ target) << kTargetBit);
    }
    static Code aiding(Code plain, int aided_kind, int aided) {
        return (plain ^ (static_cast<Code>(kNone ^ aided) << kAidedBit)) | static_cast<Code>(aided_kind) << kAidedKindBit;
    }
    static Code by_convoy(Code code) { return code | static_cast<Code>(1) << kViaBit; }
};

// Orders of all powers in one phase, at most one a unit.  Whose an order is, its place says; a build left out is waived.
struct Orders {
    int count = 0;
    std::array<Code, kMaxProvinces> codes;

    void add(Code code) { codes[count++] = code; }
    const Code* begin() const { return codes.data(); }
    const Code* end() const { return codes.data() + count; }
};

// Throws OrderTextError for a number that no text has.
std::string order_text(const Map& map, Code code);
// Throws OrderTextError for a text that is not exactly as order_text writes it.
Code order_code(const Map& map, const char* text, size_t length);

std::string unit_text(const Map& map, int kind, int location);

}  // namespace rules
