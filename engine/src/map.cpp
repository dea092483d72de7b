#include "map.hpp"

#include <algorithm>
#include <deque>
#include <functional>

namespace rules {

namespace {

int require(const std::unordered_map<std::string, int>& index, const std::string& text) {
    auto found = index.find(text);
    if (found == index.end()) throw CoreError("map tables: expected a location, got '" + text + "'");
    return found->second;
}

}  // namespace

Map::Map(const MapTables& tables) : name(tables.name), powers(tables.powers), first_year(tables.first_year) {
    if (powers.size() != kPowers) throw CoreError("map tables: expected 7 powers, got " + std::to_string(powers.size()));
    number_places(tables);
    connect(tables);
    find_convoys();
    measure_distances();
}

int Map::find_location(const std::string& text) const {
    auto found = location_index_.find(text);
    return found == location_index_.end() ? -1 : found->second;
}

int Map::find_power(const std::string& text) const {
    auto found = std::find(powers.begin(), powers.end(), text);
    return found == powers.end() ? -1 : static_cast<int>(found - powers.begin());
}

void Map::number_places(const MapTables& tables) {
    if (tables.locations.size() > kMaxLocations) throw CoreError("map tables: more than 126 locations");
    std::unordered_map<std::string, int> province_index;
    std::vector<uint8_t> has_coasts;
    int seas = 0;
    for (const auto& [text, kind] : tables.locations) {
        const int location = static_cast<int>(locations.size());
        locations.push_back(text);
        location_index_[text] = location;
        const std::string province = text.substr(0, 3);
        if (!province_index.count(province)) {
            if (text != province) throw CoreError("map tables: coast '" + text + "' before its province");
            province_index[province] = static_cast<int>(provinces.size());
            provinces.push_back(province);
            whole.push_back(location);
            terrain.push_back(kind == "SEA" ? Terrain::kSea : kind == "LAND" ? Terrain::kLand : Terrain::kCoast);
            sea_number.push_back(kind == "SEA" ? seas++ : -1);
            has_coasts.push_back(0);
        }
        const int number = province_index[province];
        province_of.push_back(number);
        if (text != province) has_coasts[number] = 1;
    }
    if (province_count() > kMaxProvinces || seas > kMaxSeas) throw CoreError("map tables: too many provinces");
    fleet_places.resize(provinces.size());
    for (int location = 0; location < location_count(); ++location) {
        const int province = province_of[location];
        const bool coast = location != whole[province];
        holds_army.push_back(!coast && terrain[province] != Terrain::kSea);
        holds_fleet.push_back(terrain[province] != Terrain::kLand && (coast || !has_coasts[province]));
        if (holds_fleet.back()) fleet_places[province].push_back(location);
    }
    center_of.assign(provinces.size(), -1);
    home_of.assign(provinces.size(), -1);
    for (const auto& text : tables.centers) {
        const int province = province_of[require(location_index_, text)];
        center_of[province] = center_count();
        center_province.push_back(province);
        centers.push_back(text);
    }
    if (center_count() > kMaxCenters) throw CoreError("map tables: too many supply centres");
    starting_owner.assign(centers.size(), -1);
    for (int power = 0; power < kPowers; ++power) {
        for (const auto& text : tables.homes[power]) {
            const int province = province_of[require(location_index_, text)];
            home_of[province] = power;
            home_provinces[power].push_back(province);
        }
        for (const auto& text : tables.owned[power])
            starting_owner[center_of[province_of[require(location_index_, text)]]] = power;
        for (const auto& text : tables.units[power])
            starting_units.push_back({static_cast<uint8_t>(power), static_cast<uint8_t>(text[0] == 'F' ? kFleet : kArmy),
                                      static_cast<uint8_t>(require(location_index_, text.substr(2)))});
    }
}

void Map::connect(const MapTables& tables) {
    army_moves.assign(provinces.size(), {});
    fleet_moves.assign(locations.size(), {});
    fleet_locations.assign(locations.size(), {});
    fleet_goals.assign(locations.size(), {});
    sea_neighbours_.assign(provinces.size(), {});
    for (const auto& [from, to] : tables.army_edges)
        army_moves[province_of[require(location_index_, from)]].add(province_of[require(location_index_, to)]);
    for (const auto& [from, to] : tables.fleet_edges) {
        const int here = require(location_index_, from), there = require(location_index_, to);
        fleet_goals[here].push_back(there);
        fleet_locations[here].add(there);
        fleet_moves[here].add(province_of[there]);
        auto& beside = sea_neighbours_[province_of[here]];
        if (terrain[province_of[here]] == Terrain::kSea &&
            std::find(beside.begin(), beside.end(), province_of[there]) == beside.end())
            beside.push_back(province_of[there]);
    }
    for (auto& goals : fleet_goals) std::sort(goals.begin(), goals.end());
}

// Walks every chain of seas in which no sea touches the start or an earlier sea but its predecessor;
// these are the sets from which no fleet can be spared.
void Map::find_convoys() {
    convoys.assign(provinces.size(), {});
    routes_.assign(provinces.size() * provinces.size(), {});
    auto touches = [&](int sea, int province) {
        const auto& beside = sea_neighbours_[sea];
        return std::find(beside.begin(), beside.end(), province) != beside.end();
    };
    for (int start = 0; start < province_count(); ++start) {
        if (terrain[start] != Terrain::kCoast) continue;
        std::vector<int> chain;
        std::function<void()> extend = [&] {
            Seas fleets = 0;
            for (int sea : chain) fleets |= Seas{1} << sea_number[sea];
            Places goals;
            for (int goal : sea_neighbours_[chain.back()]) {
                if (terrain[goal] != Terrain::kCoast || goal == start) continue;
                if (std::none_of(chain.begin(), chain.end() - 1, [&](int sea) { return touches(sea, goal); })) goals.add(goal);
            }
            if (goals.any()) convoys[start].push_back({fleets, goals});
            for (int next : sea_neighbours_[chain.back()]) {
                if (terrain[next] != Terrain::kSea || touches(next, start)) continue;
                if (std::any_of(chain.begin(), chain.end() - 1, [&](int sea) { return sea == next || touches(sea, next); })) continue;
                chain.push_back(next);
                extend();
                chain.pop_back();
            }
        };
        for (int sea = 0; sea < province_count(); ++sea) {
            if (terrain[sea] != Terrain::kSea || !touches(sea, start)) continue;
            chain = {sea};
            extend();
        }
        // Two orders of the same seas are one convoy.
        auto& found = convoys[start];
        std::sort(found.begin(), found.end(), [](const Convoy& a, const Convoy& b) {
            const int na = __builtin_popcount(a.fleets), nb = __builtin_popcount(b.fleets);
            return na != nb ? na < nb : a.fleets < b.fleets;
        });
        std::vector<Convoy> merged;
        for (const Convoy& convoy : found) {
            if (!merged.empty() && merged.back().fleets == convoy.fleets) merged.back().goals |= convoy.goals;
            else merged.push_back(convoy);
        }
        found = merged;
        for (const Convoy& convoy : found)
            convoy.goals.each([&](int goal) { routes_[start * province_count() + goal].push_back(convoy.fleets); });
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
    for (int power = 0; power < kPowers; ++power) {
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
