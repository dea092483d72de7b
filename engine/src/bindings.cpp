// The only file that knows Python.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <map>
#include <optional>

#include "batch.hpp"
#include "map.hpp"
#include "orders.hpp"
#include "position.hpp"

namespace nb = nanobind;
using namespace nb::literals;
using namespace rules;

namespace {

using Texts = std::vector<std::string>;
using PowerTexts = std::map<std::string, Texts>;
using Retreats = std::map<std::string, std::map<std::string, Texts>>;
using Actions = std::vector<std::vector<std::vector<Code>>>;

// The maps of this process.  Positions point into them, so they live as long as the process.
std::vector<const Map*>& all_maps() {
    static std::vector<const Map*> maps;
    return maps;
}

struct MapHandle {
    const Map* map;
};

int power_number(const Map& map, const std::string& text) {
    const int power = map.find_power(text);
    if (power < 0) throw CoreError("unknown power '" + text + "': expected one of the map's, such as '" + map.powers[0] + "'");
    return power;
}

int province_number(const Map& map, const std::string& text) {
    const int location = map.find_location(text);
    if (location < 0) throw CoreError("unknown province '" + text + "': expected one such as 'PAR'");
    return map.province_of[location];
}

std::pair<int, int> read_unit(const Map& map, const std::string& power, const std::string& text) {
    const std::string where = power + ", unit '" + text + "'";
    if (text.size() < 5 || text[1] != ' ' || (text[0] != 'A' && text[0] != 'F'))
        throw IllegalStateError(where + ": expected a unit such as 'A PAR' or 'F STP/SC'");
    const int kind = text[0] == 'A' ? kArmy : kFleet, location = map.find_location(text.substr(2));
    if (location < 0) throw IllegalStateError(where + ": expected a location of map '" + map.name + "', got '" + text.substr(2) + "'");
    if (map.can_stand(kind, location)) return {kind, location};
    const int province = map.province_of[location];
    if (kind == kArmy)
        throw IllegalStateError(where + (map.terrain[province] == Terrain::kSea ? ": an army cannot stand at sea" : ": an army stands in a province, not on a coast"));
    if (map.terrain[province] == Terrain::kLand) throw IllegalStateError(where + ": a fleet cannot stand inland");
    throw IllegalStateError(where + ": expected the coast it is on, such as '" + map.locations[map.fleet_places[province][0]] + "'");
}

Position from_state(MapHandle handle, const std::string& phase, const PowerTexts& units, const PowerTexts& centers, const Retreats& retreats) {
    const Map& map = *handle.map;
    Position position;
    position.map = &map;
    position.set_phase(phase);
    const auto power_of = [&](const std::string& text) {
        const int power = map.find_power(text);
        if (power < 0) throw IllegalStateError("unknown power '" + text + "': expected one of the map's, such as '" + map.powers[0] + "'");
        return power;
    };
    for (const auto& [name, texts] : units) {
        const int power = power_of(name);
        for (const auto& text : texts) {
            if (!text.empty() && text[0] == '*') continue;
            const auto [kind, location] = read_unit(map, name, text);
            const int province = map.province_of[location];
            if (position.unit_power[province] >= 0)
                throw IllegalStateError(name + ", unit '" + text + "': " + map.provinces[province] + " already holds a unit of " + map.powers[position.unit_power[province]]);
            position.place(power, kind, location);
        }
    }
    for (const auto& [name, texts] : centers) {
        const int power = power_of(name);
        for (const auto& text : texts) {
            const int location = map.find_location(text);
            const int center = location < 0 ? -1 : map.center_of[map.province_of[location]];
            if (center < 0) throw IllegalStateError(name + ", centre '" + text + "': expected a supply centre of map '" + map.name + "'");
            if (position.owner[center] >= 0 && position.owner[center] != power)
                throw IllegalStateError(name + ", centre '" + text + "': already owned by " + map.powers[position.owner[center]]);
            position.owner[center] = static_cast<int8_t>(power);
        }
    }
    std::vector<Dislodged> gone;
    for (const auto& [name, by_unit] : retreats) {
        const int power = power_of(name);
        for (const auto& [text, places] : by_unit) {
            const auto [kind, location] = read_unit(map, name, text);
            Dislodged unit;
            unit.power = static_cast<int8_t>(power);
            unit.kind = static_cast<uint8_t>(kind);
            unit.location = static_cast<uint8_t>(location);
            for (const auto& place : places) {
                const int goal = map.find_location(place);
                if (goal < 0 || !map.can_stand(kind, goal))
                    throw IllegalStateError(name + ", unit '" + text + "': expected a place it can retreat to, got '" + place + "'");
                unit.retreats.add(goal);
            }
            for (const Dislodged& other : gone)
                if (map.province_of[other.location] == map.province_of[location])
                    throw IllegalStateError(name + ", unit '" + text + "': two units dislodged from " + map.provinces[map.province_of[location]]);
            if (unit.retreats.any()) gone.push_back(unit);
        }
    }
    if (position.kind != PhaseKind::kRetreats && !gone.empty())
        throw IllegalStateError("phase " + phase + ": expected no dislodged units outside a retreat phase, got " + std::to_string(gone.size()));
    if (gone.size() > kMaxDislodged) throw IllegalStateError("expected at most 48 dislodged units, got " + std::to_string(gone.size()));
    std::sort(gone.begin(), gone.end(), [](const Dislodged& a, const Dislodged& b) { return a.location < b.location; });
    for (const Dislodged& unit : gone) position.dislodged[position.dislodged_count++] = unit;
    return position;
}

nb::list result_words(uint16_t results) {
    static const std::pair<uint16_t, const char*> words[] = {
        {kNoConvoy, "no convoy"}, {kVoid, "void"}, {kCut, "cut"}, {kBounce, "bounce"},
        {kDisrupted, "disrupted"}, {kDislodgedResult, "dislodged"}, {kDisband, "disband"}};
    nb::list list;
    for (const auto& [bit, word] : words)
        if (results & bit) list.append(word);
    return list;
}

OrderLists order_lists(const std::vector<std::vector<Code>>& orders) {
    if (orders.size() != kPowers) throw CoreError("expected orders of 7 powers, got " + std::to_string(orders.size()));
    OrderLists lists;
    std::copy(orders.begin(), orders.end(), lists.begin());
    return lists;
}

nb::tuple step(const Position& position, const std::vector<std::vector<Code>>& orders, bool strict, int defects) {
    OrderLists lists = order_lists(orders);
    std::vector<UnitResult> results, voided;
    if (strict) {
        for (int power = 0; power < kPowers; ++power) position.check_orders(power, lists[power]);
    } else {
        position.filter_orders(lists, voided);
    }
    const Position next = position.step(lists, &results, defects);
    for (const UnitResult& unit : voided)
        for (UnitResult& result : results)
            if (result.location == unit.location) result.results |= unit.results;
    nb::dict words;
    for (const UnitResult& unit : results)
        words[nb::cast(unit_text(*position.map, unit.kind, unit.location))] = result_words(unit.results);
    return nb::make_tuple(next, words);
}

template <class T> nb::ndarray<nb::numpy, T> new_array(std::initializer_list<size_t> shape, T*& data) {
    size_t size = 1;
    for (size_t length : shape) size *= length;
    data = new T[size];
    nb::capsule owner(data, [](void* memory) noexcept { delete[] static_cast<T*>(memory); });
    return nb::ndarray<nb::numpy, T>(data, shape, owner);
}

void bind_map(nb::module_& m) {
    nb::class_<MapHandle>(m, "Map")
        .def("__init__",
             [](MapHandle* self, const std::string& name, const Texts& powers, const std::vector<std::pair<std::string, std::string>>& locations,
                const Texts& centers, const std::vector<Texts>& homes, const std::vector<Texts>& units, const std::vector<Texts>& owned,
                const std::vector<std::pair<std::string, std::string>>& army_edges,
                const std::vector<std::pair<std::string, std::string>>& fleet_edges, int first_year) {
                 if (homes.size() != kPowers || units.size() != kPowers || owned.size() != kPowers)
                     throw CoreError("map tables: expected homes, units and owned of 7 powers");
                 const Map* map = new Map({name, powers, locations, centers, homes, units, owned, army_edges, fleet_edges, first_year});
                 all_maps().push_back(map);
                 new (self) MapHandle{map};
             },
             "name"_a, "powers"_a, "locations"_a, "centers"_a, "homes"_a, "units"_a, "owned"_a, "army_edges"_a, "fleet_edges"_a, "first_year"_a)
        .def_prop_ro("name", [](MapHandle h) { return h.map->name; })
        .def_prop_ro("powers", [](MapHandle h) { return h.map->powers; })
        .def_prop_ro("provinces", [](MapHandle h) { return h.map->provinces; })
        .def_prop_ro("locations", [](MapHandle h) { return h.map->locations; })
        .def_prop_ro("centers", [](MapHandle h) { return h.map->centers; })
        .def("order_text", [](MapHandle h, Code code) { return order_text(*h.map, code); }, "code"_a)
        .def("order_code", [](MapHandle h, const std::string& text) { return order_code(*h.map, text); }, "text"_a)
        .def("start", [](MapHandle h) { return Position::start(*h.map); });
}

void bind_position(nb::module_& m) {
    nb::class_<Position>(m, "Position")
        .def_static("from_state", &from_state, "map"_a, "phase"_a, "units"_a, "centers"_a, "retreats"_a = Retreats{})
        .def_prop_ro("map", [](const Position& p) { return MapHandle{p.map}; })
        .def_prop_ro("phase", &Position::phase_text)
        .def_prop_ro("hash", &Position::hash)
        .def_prop_ro("is_over", [](const Position& p) { return p.winner != kNobody; })
        .def_prop_ro("winner", [](const Position& p) -> std::optional<std::string> {
            if (p.winner == kNobody) return std::nullopt;
            return p.map->powers[p.winner];
        })
        .def("copy", [](const Position& p) { return p; })
        .def("units", [](const Position& p) {
            PowerTexts units;
            for (const auto& power : p.map->powers) units[power];
            for (int kind : {kArmy, kFleet})
                for (int province = 0; province < p.map->province_count(); ++province)
                    if (p.unit_power[province] >= 0 && p.unit_kind[province] == kind)
                        units[p.map->powers[p.unit_power[province]]].push_back(unit_text(*p.map, kind, p.unit_location[province]));
            return units;
        })
        .def("dislodged", [](const Position& p) {
            Retreats retreats;
            for (int i = 0; i < p.dislodged_count; ++i) {
                const Dislodged& unit = p.dislodged[i];
                auto& places = retreats[p.map->powers[unit.power]][unit_text(*p.map, unit.kind, unit.location)];
                unit.retreats.each([&](int place) { places.push_back(p.map->locations[place]); });
            }
            return retreats;
        })
        .def("centers", [](const Position& p) {
            PowerTexts centers;
            for (const auto& power : p.map->powers) centers[power];
            for (int center = 0; center < p.map->center_count(); ++center)
                if (p.owner[center] >= 0) centers[p.map->powers[p.owner[center]]].push_back(p.map->centers[center]);
            return centers;
        })
        .def("build_count", [](const Position& p, const std::string& power) { return p.build_count(power_number(*p.map, power)); }, "power"_a)
        .def("orderable", [](const Position& p, const std::string& power) {
            Texts texts;
            for (int province : p.orderable(power_number(*p.map, power))) texts.push_back(p.map->provinces[province]);
            return texts;
        }, "power"_a)
        .def("legal_codes", [](const Position& p) {
            nb::dict legal;
            for (int province = 0; province < p.map->province_count(); ++province) {
                const std::vector<Code> codes = p.legal_orders(province);
                if (!codes.empty()) legal[nb::cast(p.map->provinces[province])] = nb::cast(codes);
            }
            return legal;
        }, nb::sig("def legal_codes(self) -> dict[str, list[int]]"))
        .def("legal_orders", [](const Position& p, const std::string& province) { return p.legal_orders(province_number(*p.map, province)); }, "province"_a)
        .def("count_legal", &Position::count_legal)
        .def("is_legal", [](const Position& p, const std::string& power, Code code) { return p.is_legal(power_number(*p.map, power), code); }, "power"_a, "code"_a)
        .def("step", &step, "orders"_a, "strict"_a = true, "defects"_a = 0)
        .def("__eq__", [](const Position& p, nb::handle other) {
            return nb::isinstance<Position>(other) && p == nb::cast<const Position&>(other);
        }, "other"_a.none())
        .def("__hash__", [](const Position& p) { return static_cast<int64_t>(p.hash()); })
        .def("__repr__", [](const Position& p) {
            int units = 0;
            for (int power = 0; power < kPowers; ++power) units += p.unit_count(power);
            return "<Position " + p.phase_text() + ", " + std::to_string(units) + " units>";
        });
}

void bind_batch(nb::module_& m) {
    using Profiles = nb::ndarray<const int32_t, nb::shape<-1, kPowers>, nb::c_contig, nb::device::cpu>;
    nb::class_<Batch>(m, "Batch")
        .def("__init__", [](Batch* self, const Position& position, const Actions& actions, Profiles profiles, int threads) {
            if (actions.size() != kPowers) throw CoreError("expected actions of 7 powers, got " + std::to_string(actions.size()));
            std::array<std::vector<std::vector<Code>>, kPowers> lists;
            std::copy(actions.begin(), actions.end(), lists.begin());
            nb::gil_scoped_release free_gil;
            new (self) Batch(position, lists, profiles.data(), profiles.shape(0), threads);
        }, "position"_a, "actions"_a, "profiles"_a, "threads"_a = 2)
        .def("__len__", &Batch::size)
        .def("settle", &Batch::settle, nb::call_guard<nb::gil_scoped_release>())
        .def("position", [](const Batch& b, size_t index) {
            if (index >= b.size()) throw nb::index_error(("expected an index below " + std::to_string(b.size())).c_str());
            return b.position(index);
        }, "index"_a)
        .def_prop_ro("phases", [](const Batch& b) {
            Texts texts;
            for (size_t i = 0; i < b.size(); ++i) texts.push_back(b.position(i).phase_text());
            return texts;
        })
        .def("hashes", [](const Batch& b) {
            uint64_t* data;
            auto array = new_array<uint64_t>({b.size()}, data);
            for (size_t i = 0; i < b.size(); ++i) data[i] = b.position(i).hash();
            return array;
        })
        .def("owners", [](const Batch& b) {
            int8_t* data;
            auto array = new_array<int8_t>({b.size(), b.map().centers.size()}, data);
            b.owners(data);
            return array;
        })
        .def("occupants", [](const Batch& b) {
            int8_t* data;
            auto array = new_array<int8_t>({b.size(), b.map().centers.size()}, data);
            b.occupants(data);
            return array;
        })
        .def("reach", [](const Batch& b) {
            uint8_t* data;
            auto array = new_array<uint8_t>({b.size(), b.map().centers.size(), kPowers}, data);
            b.reach(data);
            return array;
        })
        .def("unit_counts", [](const Batch& b) {
            int8_t* data;
            auto array = new_array<int8_t>({b.size(), kPowers}, data);
            b.unit_counts(data);
            return array;
        })
        .def("center_counts", [](const Batch& b) {
            int8_t* data;
            auto array = new_array<int8_t>({b.size(), kPowers}, data);
            b.center_counts(data);
            return array;
        });
}

}  // namespace

NB_MODULE(RULES_MODULE, m) {
    m.doc() = "The rules of Diplomacy.";
    // Python caches of facts about positions live until the interpreter has gone, and the positions with them.
    nb::set_leak_warnings(false);
    auto base = nb::exception<CoreError>(m, "CoreError", PyExc_ValueError);
    nb::exception<OrderTextError>(m, "OrderTextError", base.ptr());
    nb::exception<OrderLegalityError>(m, "OrderLegalityError", base.ptr());
    nb::exception<IllegalStateError>(m, "IllegalStateError", base.ptr());
    bind_map(m);
    bind_position(m);
    bind_batch(m);
}
