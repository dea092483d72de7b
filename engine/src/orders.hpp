// Orders as packed numbers, and their text.
#pragma once

#include <cstdint>
#include <string>

#include "map.hpp"

namespace rules {

enum class OrderKind : uint8_t { kHold, kMove, kSupport, kConvoy, kRetreat, kDisband, kBuild, kWaive };

using Code = int32_t;

// Bits of a code: 0-6 location, 7 unit kind, 8-11 order kind, 12-18 target, 19-25 aided location,
// 26 aided kind, 27 via.  Unused places hold kNone.
struct Order {
    OrderKind kind = OrderKind::kHold;
    uint8_t unit_kind = kArmy;
    uint8_t location = kNone;
    uint8_t target = kNone;        // where a move, retreat, convoy or supported move goes
    uint8_t aided = kNone;         // location of the supported or convoyed unit
    uint8_t aided_kind = kArmy;
    bool via = false;

    Code code() const {
        return static_cast<Code>(location | unit_kind << 7 | static_cast<int>(kind) << 8 | target << 12 | aided << 19 |
                                 aided_kind << 26 | static_cast<int>(via) << 27);
    }
    static Order from(Code code) {
        Order order;
        order.location = code & 127;
        order.unit_kind = code >> 7 & 1;
        order.kind = static_cast<OrderKind>(code >> 8 & 15);
        order.target = code >> 12 & 127;
        order.aided = code >> 19 & 127;
        order.aided_kind = code >> 26 & 1;
        order.via = (code >> 27 & 1) != 0;
        return order;
    }
};

// Throws OrderTextError for a number that no text has.
std::string order_text(const Map& map, Code code);
// Throws OrderTextError for a text that is not exactly as order_text writes it.
Code order_code(const Map& map, const std::string& text);

std::string unit_text(const Map& map, int kind, int location);

}  // namespace rules
