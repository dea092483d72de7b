#include "features.hpp"

#include <algorithm>

namespace rules {

namespace {

constexpr float kYears = 10, kBuilds = 4;

}  // namespace

std::vector<std::string> place_column_names(const Map& map) {
    std::vector<std::string> names{"army", "fleet"};
    const auto add = [&](const std::string& what) { for (const auto& power : map.powers) names.push_back(what + power); };
    add("unit of ");
    names.insert(names.end(), {"dislodged army", "dislodged fleet"});
    add("dislodged unit of ");
    add("centre of ");
    names.insert(names.end(), {"centre of nobody", "can be built in", "may have to disband", "land", "coast", "sea"});
    return names;
}

std::vector<std::string> board_column_names(const Map& map) {
    std::vector<std::string> names{"spring", "fall", "winter", "movement", "retreats", "adjustments", "years / 10"};
    for (const auto& power : map.powers)
        for (const char* what : {"centres / victory of ", "units / victory of ", "builds / 4 of "}) names.push_back(what + power);
    return names;
}

void count_reach(const Position& position, uint8_t* out) {
    const Map& map = *position.map;
    const int powers = map.power_count();
    std::fill_n(out, map.center_count() * powers, uint8_t{0});
    position.occupied().each([&](int province) {
        Places goals = map.reach(position.kind_at(province), position.unit_location[province]);
        goals.add(province);
        (goals & map.with_center).each([&](int goal) { ++out[map.center_of[goal] * powers + position.unit_power[province]]; });
    });
}

template <class Number> void encode_places(const Position& position, Number* out) {
    const Map& map = *position.map;
    const int columns = place_columns(map), powers = map.power_count();
    const int unit_powers = 2, gone = unit_powers + powers, gone_powers = gone + 2, owners = gone_powers + powers;
    const int unowned = owners + powers, buildable = unowned + 1, removable = buildable + 1, terrain = removable + 1;
    std::fill_n(out, static_cast<size_t>(columns) * map.location_count(), Number(0));
    const auto row = [&](int location) { return out + static_cast<size_t>(location) * columns; };
    for (int location = 0; location < map.location_count(); ++location)
        row(location)[terrain + static_cast<int>(map.terrain[map.province_of[location]])] = 1;
    std::array<int, kPowers> builds{};
    if (position.kind == PhaseKind::kAdjustments)
        for (int power = 0; power < powers; ++power) builds[power] = position.build_count(power);
    const auto each_row = [&](int location, auto write) {
        write(row(location));
        const int whole = map.whole[map.province_of[location]];
        if (whole != location) write(row(whole));
    };
    position.occupied().each([&](int province) {
        const int power = position.unit_power[province];
        each_row(position.unit_location[province], [&](Number* cells) {
            cells[position.kind_at(province)] = 1;
            cells[unit_powers + power] = 1;
            if (builds[power] < 0) cells[removable] = 1;
        });
    });
    for (int i = 0; i < position.dislodged_count; ++i) {
        const Dislodged& unit = position.dislodged[i];
        each_row(unit.location, [&](Number* cells) {
            cells[gone + unit.kind] = 1;
            cells[gone_powers + unit.power] = 1;
        });
    }
    for (int center = 0; center < map.center_count(); ++center) {
        const int province = map.center_province[center], power = position.owner[center];
        const bool builds_here = power >= 0 && builds[power] > 0 && position.may_build_at(power, province);
        const auto write = [&](Number* cells) {
            cells[power < 0 ? unowned : owners + power] = 1;
            if (builds_here) cells[buildable] = 1;
        };
        write(row(map.whole[province]));
        if (map.coasted.has(province))
            for (int place : map.fleet_places[province]) write(row(place));
    }
}

template void encode_places<uint8_t>(const Position&, uint8_t*);
template void encode_places<float>(const Position&, float*);

void encode_board(const Position& position, float* out) {
    const Map& map = *position.map;
    std::fill_n(out, board_columns(map), 0.0F);
    out[static_cast<int>(position.season)] = 1;
    out[3 + static_cast<int>(position.kind)] = 1;
    out[6] = static_cast<float>(position.year - map.first_year) / kYears;
    const auto victory = static_cast<float>(map.victory_centers);
    for (int power = 0; power < map.power_count(); ++power) {
        float* of = out + 7 + 3 * power;
        of[0] = static_cast<float>(position.center_count(power)) / victory;
        of[1] = static_cast<float>(position.unit_count(power)) / victory;
        of[2] = static_cast<float>(position.build_count(power)) / kBuilds;
    }
}

}  // namespace rules
