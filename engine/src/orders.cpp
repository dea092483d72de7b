#include "orders.hpp"

#include <algorithm>

namespace rules {

namespace {

// Whether the parts of an order fit together on this map; not whether it is legal anywhere.
bool well_formed(const Map& map, const Order& o) {
    auto location = [&](int i) { return i < map.location_count(); };
    auto province = [&](int i) { return location(i) && map.whole[map.province_of[i]] == i; };
    // A fleet's goal may be written without coast where others refer to it.
    auto goal = [&](int kind, int i, bool loose) {
        if (!location(i)) return false;
        if (map.can_stand(kind, i)) return true;
        return loose && kind == kFleet && province(i) && map.terrain[map.province_of[i]] == Terrain::kCoast;
    };
    if (o.kind == OrderKind::kWaive)
        return o.location == kNone && o.target == kNone && o.aided == kNone && !o.unit_kind && !o.aided_kind && !o.via;
    if (!location(o.location) || !map.can_stand(o.unit_kind, o.location)) return false;
    if (o.via && !(o.kind == OrderKind::kMove && o.unit_kind == kArmy)) return false;
    const bool aids = o.kind == OrderKind::kSupport || o.kind == OrderKind::kConvoy;
    if (!aids && (o.aided != kNone || o.aided_kind != kArmy)) return false;
    switch (o.kind) {
        case OrderKind::kHold: case OrderKind::kDisband: case OrderKind::kBuild: return o.target == kNone;
        case OrderKind::kMove: case OrderKind::kRetreat: return goal(o.unit_kind, o.target, false);
        case OrderKind::kSupport:
            return location(o.aided) && map.can_stand(o.aided_kind, o.aided) &&
                   (o.target == kNone || goal(o.aided_kind, o.target, true));
        case OrderKind::kConvoy:
            return o.unit_kind == kFleet && o.aided_kind == kArmy && location(o.aided) && map.can_stand(kArmy, o.aided) &&
                   goal(kArmy, o.target, false);
        default: return false;
    }
}

// Reads words that single spaces part.
struct Words {
    const char* at;
    const char* end;

    bool done() const { return at == end; }
    // The next word and the space before all but the first, or nothing.
    bool next(const char*& word, size_t& length, bool first = false) {
        if (!first) {
            if (at == end || *at != ' ') return false;
            ++at;
        }
        word = at;
        while (at != end && *at != ' ') ++at;
        length = static_cast<size_t>(at - word);
        return length > 0;
    }
    int letter(bool first = false) {
        const char* word;
        size_t length;
        return next(word, length, first) && length == 1 ? *word : -1;
    }
    int kind(bool first = false) {
        const int found = letter(first);
        return found == 'A' ? kArmy : found == 'F' ? kFleet : -1;
    }
    int location(const Map& map) {
        const char* word;
        size_t length;
        return next(word, length) ? map.find_location(word, length) : -1;
    }
};

// The order in the words, or false.
bool read(const Map& map, Words words, Order& o) {
    const int kind = words.kind(true), location = kind < 0 ? -1 : words.location(map);
    if (location < 0) return false;
    o.unit_kind = static_cast<uint8_t>(kind);
    o.location = location;
    const auto goal = [&] { return (o.target = words.location(map)) >= 0; };
    switch (words.letter()) {
        case 'H': o.kind = OrderKind::kHold; break;
        case 'D': o.kind = OrderKind::kDisband; break;
        case 'B': o.kind = OrderKind::kBuild; break;
        case 'R':
            o.kind = OrderKind::kRetreat;
            if (!goal()) return false;
            break;
        case '-':
            o.kind = OrderKind::kMove;
            if (!goal()) return false;
            if (!words.done()) {
                const char* word;
                size_t length;
                if (!words.next(word, length) || std::string(word, length) != "VIA") return false;
                o.via = true;
            }
            break;
        case 'S': o.kind = OrderKind::kSupport; break;
        case 'C': o.kind = OrderKind::kConvoy; break;
        default: return false;
    }
    if (o.kind == OrderKind::kSupport || o.kind == OrderKind::kConvoy) {
        const int aided_kind = words.kind(), aided = aided_kind < 0 ? -1 : words.location(map);
        if (aided < 0) return false;
        o.aided_kind = static_cast<uint8_t>(aided_kind);
        o.aided = aided;
        if (!words.done() && (words.letter() != '-' || !goal())) return false;
    }
    return words.done() && well_formed(map, o);
}

}  // namespace

std::string unit_text(const Map& map, int kind, int location) {
    return (kind == kArmy ? "A " : "F ") + map.locations[location];
}

std::string order_text(const Map& map, Code code) {
    const Order o = Order::from(code);
    if (code < 0 || o.code() != code || !well_formed(map, o))
        throw OrderTextError("expected an order code of map '" + map.name + "', got " + std::to_string(code));
    if (o.kind == OrderKind::kWaive) return "WAIVE";
    const std::string unit = unit_text(map, o.unit_kind, o.location);
    auto aided = [&] { return unit_text(map, o.aided_kind, o.aided) + (o.target == kNone ? "" : " - " + map.locations[o.target]); };
    switch (o.kind) {
        case OrderKind::kHold: return unit + " H";
        case OrderKind::kMove: return unit + " - " + map.locations[o.target] + (o.via ? " VIA" : "");
        case OrderKind::kSupport: return unit + " S " + aided();
        case OrderKind::kConvoy: return unit + " C " + aided();
        case OrderKind::kRetreat: return unit + " R " + map.locations[o.target];
        case OrderKind::kDisband: return unit + " D";
        default: return unit + " B";
    }
}

Code order_code(const Map& map, const char* text, size_t length) {
    Order o;
    if (length == 5 && std::string(text, length) == "WAIVE") {
        o.kind = OrderKind::kWaive;
        return o.code();
    }
    if (!read(map, Words{text, text + length}, o))
        throw OrderTextError("unknown order '" + std::string(text, std::min<size_t>(length, 60)) + (length > 60 ? "..." : "") + "': expected an order such as 'A PAR - BUR' on map '" + map.name + "'");
    return o.code();
}

}  // namespace rules
