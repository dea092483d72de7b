#include "map.hpp"

#include <algorithm>
#include <deque>

namespace rules {

namespace {

constexpr int kLetters = 26;

int require(const std::unordered_map<std::string, int>& index, const std::string& text) {
    auto found = index.find(text);
    if (found == index.end()) throw CoreError("map tables: expected a location, got '" + text + "'");
    return found->second;
}

// Three capital letters as a number, or -1.
int short_key(const char* text) {
    int key = 0;
    for (int i = 0; i < 3; ++i) {
        if (text[i] < 'A' || text[i] > 'Z') return -1;
        key = key * kLetters + (text[i] - 'A');
    }
    return key;
}

void limit(const char* what, size_t count, size_t most) {
    if (count > most)
        throw CoreError("map tables: expected at most " + std::to_string(most) + " " + what + ", got " + std::to_string(count));
}

}  // namespace

Map::Map(const MapTables& tables)
    : name(tables.name), powers(tables.powers), first_year(tables.first_year),
      victory_centers(tables.victory_centers), build_anywhere(tables.build_anywhere) {
    if (powers.empty()) throw CoreError("map tables: expected a power, got none");
    limit("powers", powers.size(), kPowers);
    if (tables.homes.size() != powers.size() || tables.units.size() != powers.size() || tables.owned.size() != powers.size())
        throw CoreError("map tables: expected homes, units and owned for each of " + std::to_string(powers.size()) + " powers");
    number_places(tables);
    connect(tables);
    number_centers(tables);
    measure_distances();
}

int Map::find_location(const char* text, size_t length) const {
    if (length == 3) {
        const int key = short_key(text);
        return key < 0 ? -1 : short_index_[key];
    }
    auto found = location_index_.find(std::string(text, length));
    return found == location_index_.end() ? -1 : found->second;
}

int Map::find_power(const std::string& text) const {
    auto found = std::find(powers.begin(), powers.end(), text);
    return found == powers.end() ? -1 : static_cast<int>(found - powers.begin());
}

void Map::number_places(const MapTables& tables) {
    limit("locations", tables.locations.size(), kMaxLocations);
    short_index_.assign(kLetters * kLetters * kLetters, -1);
    std::unordered_map<std::string, int> province_index;
    for (const auto& [text, kind] : tables.locations) {
        const int location = static_cast<int>(locations.size());
        const std::string province = text.substr(0, 3);
        const int key = province.size() == 3 ? short_key(province.c_str()) : -1;
        if (key < 0 || (text.size() != 3 && (text.size() != 6 || text[3] != '/')))
            throw CoreError("map tables: expected a location such as 'PAR' or 'STP/SC', got '" + text + "'");
        if (!location_index_.emplace(text, location).second) throw CoreError("map tables: location '" + text + "' twice");
        if (text == province) short_index_[key] = static_cast<int16_t>(location);
        locations.push_back(text);
        if (!province_index.count(province)) {
            if (text != province) throw CoreError("map tables: coast '" + text + "' before its province");
            if (kind != "SEA" && kind != "LAND" && kind != "COAST" && kind != "PORT")
                throw CoreError("map tables, '" + text + "': expected SEA, LAND, COAST or PORT, got '" + kind + "'");
            province_index[province] = province_count();
            provinces.push_back(province);
            whole.push_back(location);
            terrain.push_back(kind == "SEA" ? Terrain::kSea : kind == "LAND" ? Terrain::kLand : Terrain::kCoast);
            // A fleet in a port convoys as one at sea does.
            const bool convoys = kind == "SEA" || kind == "PORT";
            sea_number.push_back(convoys ? static_cast<int>(sea_province.size()) : -1);
            if (convoys) sea_province.push_back(province_index[province]);
        }
        const int number = province_index[province];
        province_of.push_back(number);
        if (text != province) {
            if (terrain[number] != Terrain::kCoast) throw CoreError("map tables: '" + text + "' is a coast of no coastal province");
            coasted.add(number);
        }
    }
    limit("provinces", provinces.size(), kMaxProvinces);
    limit("seas", sea_province.size(), kMaxSeas);
    fleet_places.resize(provinces.size());
    for (int location = 0; location < location_count(); ++location) {
        const int province = province_of[location];
        const bool coast = location != whole[province];
        holds_army_.push_back(!coast && terrain[province] != Terrain::kSea);
        holds_fleet_.push_back(terrain[province] != Terrain::kLand && (coast || !coasted.has(province)));
        if (holds_fleet_.back()) fleet_places[province].push_back(location);
    }
}

void Map::number_centers(const MapTables& tables) {
    center_of.assign(provinces.size(), -1);
    home_of.assign(provinces.size(), -1);
    limit("supply centres", tables.centers.size(), kMaxCenters);
    const auto center = [&](const std::string& text) {
        const int province = province_of[require(location_index_, text)];
        if (center_of[province] < 0) throw CoreError("map tables: expected a supply centre, got '" + text + "'");
        return province;
    };
    for (const auto& text : tables.centers) {
        const int province = province_of[require(location_index_, text)];
        if (center_of[province] >= 0) throw CoreError("map tables: supply centre '" + text + "' twice");
        center_of[province] = center_count();
        center_province.push_back(province);
        with_center.add(province);
        centers.push_back(text);
    }
    starting_owner.assign(centers.size(), -1);
    for (int power = 0; power < power_count(); ++power) {
        for (const auto& text : tables.homes[power]) {
            const int province = center(text);
            home_of[province] = power;
            home_provinces[power].push_back(province);
        }
        for (const auto& text : tables.owned[power]) starting_owner[center_of[center(text)]] = power;
        for (const auto& text : tables.units[power]) {
            const bool readable = text.size() >= 5 && (text[0] == 'A' || text[0] == 'F') && text[1] == ' ';
            const int kind = readable && text[0] == 'F' ? kFleet : kArmy;
            const int location = readable ? require(location_index_, text.substr(2)) : -1;
            if (location < 0 || !can_stand(kind, location))
                throw CoreError("map tables: expected a unit that can stand where it starts, got '" + text + "'");
            for (const StartingUnit& other : starting_units)
                if (province_of[other.location] == province_of[location]) throw CoreError("map tables: '" + text + "' starts where another unit does");
            starting_units.push_back({power, kind, location});
        }
    }
}

void Map::connect(const MapTables& tables) {
    army_moves.assign(provinces.size(), {});
    fleet_moves.assign(locations.size(), {});
    fleet_locations.assign(locations.size(), {});
    seas_beside.assign(provinces.size(), 0);
    coasts_beside.assign(sea_province.size(), {});
    sea_beside_.assign(sea_province.size(), 0);
    for (const auto& [from, to] : tables.army_edges) {
        const int here = province_of[require(location_index_, from)], there = province_of[require(location_index_, to)];
        if (here == there || terrain[here] == Terrain::kSea || terrain[there] == Terrain::kSea)
            throw CoreError("map tables: an army cannot go from '" + from + "' to '" + to + "'");
        army_moves[here].add(there);
    }
    for (const auto& [from, to] : tables.fleet_edges) {
        const int here = require(location_index_, from), there = require(location_index_, to);
        if (province_of[here] == province_of[there] || !can_stand(kFleet, here) || !can_stand(kFleet, there))
            throw CoreError("map tables: a fleet cannot go from '" + from + "' to '" + to + "'");
        fleet_locations[here].add(there);
        fleet_moves[here].add(province_of[there]);
        const int sea = sea_number[province_of[here]], other = sea_number[province_of[there]];
        if (sea >= 0 && other >= 0) sea_beside_[sea] |= sea_bit(other);
        if (sea >= 0 && terrain[province_of[there]] == Terrain::kCoast) {
            coasts_beside[sea].add(province_of[there]);
            seas_beside[province_of[there]] |= sea_bit(sea);
        }
    }
    for (int kind : {kArmy, kFleet}) ways_[kind].resize(locations.size());
    for (int location = 0; location < location_count(); ++location) {
        if (can_stand(kArmy, location))
            army_moves[province_of[location]].each([&](int goal) { ways_[kArmy][location].push_back(static_cast<Location>(whole[goal])); });
        fleet_locations[location].each([&](int goal) { ways_[kFleet][location].push_back(static_cast<Location>(goal)); });
        for (int kind : {kArmy, kFleet}) limit("neighbours of a place", ways_[kind][location].size(), kMaxNeighbours);
    }
}

void Map::measure_distances() {
    // An army counts every border, of land or sea (a choice of the rulebook's disorder clause, DATC 4.D.8).
    std::vector<Places> beside(provinces.size());
    for (int province = 0; province < province_count(); ++province) beside[province] = army_moves[province];
    for (int location = 0; location < location_count(); ++location) {
        fleet_moves[location].each([&](int there) {
            beside[province_of[location]].add(there);
            beside[there].add(province_of[location]);
        });
    }
    for (int power = 0; power < power_count(); ++power) {
        auto& army = distance_[power][kArmy];
        auto& fleet = distance_[power][kFleet];
        army.assign(locations.size(), kFar);
        fleet.assign(locations.size(), kFar);
        std::deque<int> queue;
        std::vector<int> steps(provinces.size(), kFar);
        for (int home : home_provinces[power]) { steps[home] = 0; queue.push_back(home); }
        while (!queue.empty()) {
            const int here = queue.front();
            queue.pop_front();
            beside[here].each([&](int there) {
                if (steps[there] == kFar) { steps[there] = steps[here] + 1; queue.push_back(there); }
            });
        }
        for (int location = 0; location < location_count(); ++location) army[location] = steps[province_of[location]];
        for (int home : home_provinces[power])
            for (int place : fleet_places[home]) { fleet[place] = 0; queue.push_back(place); }
        while (!queue.empty()) {
            const int here = queue.front();
            queue.pop_front();
            for (int there = 0; there < location_count(); ++there)
                if (fleet[there] == kFar && fleet_locations[there].has(here)) { fleet[there] = fleet[here] + 1; queue.push_back(there); }
        }
    }
}

}  // namespace rules
