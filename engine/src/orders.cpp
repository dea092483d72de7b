#include "orders.hpp"

#include <sstream>
#include <vector>

namespace rules {

namespace {

// Whether the parts of an order fit together on this map; not whether it is legal anywhere.
bool well_formed(const Map& map, const Order& o) {
    const Order none;
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
    if (!aids && (o.aided != none.aided || o.aided_kind != none.aided_kind)) return false;
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

int parse_kind(const std::string& word) { return word == "A" ? kArmy : word == "F" ? kFleet : -1; }

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

Code order_code(const Map& map, const std::string& text) {
    auto fail = [&]() -> Code {
        throw OrderTextError("unknown order '" + text + "': expected an order such as 'A PAR - BUR' on map '" + map.name + "'");
    };
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    Order o;
    if (words == std::vector<std::string>{"WAIVE"}) {
        o.kind = OrderKind::kWaive;
        return o.code();
    }
    if (words.size() < 3) return fail();
    const int kind = parse_kind(words[0]), location = map.find_location(words[1]);
    if (kind < 0 || location < 0 || words[2].size() != 1) return fail();
    o.unit_kind = static_cast<uint8_t>(kind);
    o.location = static_cast<uint8_t>(location);
    size_t next = 3;
    auto read_goal = [&] {
        const int goal = next < words.size() ? map.find_location(words[next++]) : -1;
        if (goal < 0) fail();
        o.target = static_cast<uint8_t>(goal);
    };
    switch (words[2][0]) {
        case 'H': o.kind = OrderKind::kHold; break;
        case 'D': o.kind = OrderKind::kDisband; break;
        case 'B': o.kind = OrderKind::kBuild; break;
        case 'R': o.kind = OrderKind::kRetreat; read_goal(); break;
        case '-':
            o.kind = OrderKind::kMove;
            read_goal();
            if (next < words.size() && words[next] == "VIA") { o.via = true; ++next; }
            break;
        case 'S': case 'C': {
            o.kind = words[2][0] == 'S' ? OrderKind::kSupport : OrderKind::kConvoy;
            if (words.size() < 5) return fail();
            const int aided_kind = parse_kind(words[3]), aided = map.find_location(words[4]);
            if (aided_kind < 0 || aided < 0) return fail();
            o.aided_kind = static_cast<uint8_t>(aided_kind);
            o.aided = static_cast<uint8_t>(aided);
            next = 5;
            if (next < words.size() && words[next] == "-") { ++next; read_goal(); }
            break;
        }
        default: return fail();
    }
    if (next != words.size() || !well_formed(map, o) || order_text(map, o.code()) != text) return fail();
    return o.code();
}

}  // namespace rules
