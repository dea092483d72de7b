// The only file that knows Python.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <map>
#include <optional>
#include <thread>

#include "arrays.hpp"
#include "batch.hpp"
#include "features.hpp"

namespace nb = nanobind;
using namespace nb::literals;
using namespace rules;

namespace {

using Texts = std::vector<std::string>;
using PowerTexts = std::map<std::string, Texts>;
using Retreats = std::map<std::string, std::map<std::string, Texts>>;
using Actions = std::vector<std::vector<std::vector<Code>>>;
using Edges = std::vector<std::pair<std::string, std::string>>;
using Codes = nb::ndarray<const Code, nb::shape<-1, -1>, nb::c_contig, nb::device::cpu>;
using CodesOut = nb::ndarray<Code, nb::shape<-1, -1>, nb::c_contig, nb::device::cpu>;
using AnyArray = nb::ndarray<nb::c_contig, nb::device::cpu>;

// Positions point into their map, so the maps of this process live as long as it does.
struct MapHandle {
    const Map* map;
};

Play play(bool coherent) { return coherent ? Play::kCoherent : Play::kUniform; }

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

Dislodged read_dislodged(const Map& map, const std::string& name, int power, const std::string& text, const Texts& places) {
    const auto [kind, location] = read_unit(map, name, text);
    Dislodged unit{static_cast<uint8_t>(power), static_cast<uint8_t>(kind), static_cast<Location>(location), 0};
    const auto& ways = map.ways(kind, location);
    for (const auto& place : places) {
        const auto found = std::find(ways.begin(), ways.end(), map.find_location(place));
        if (map.find_location(place) < 0 || found == ways.end())
            throw IllegalStateError(name + ", unit '" + text + "': expected a place it can retreat to, got '" + place + "'");
        unit.retreats |= static_cast<Ways>(Ways{1} << (found - ways.begin()));
    }
    return unit;
}

Position from_state(MapHandle handle, const std::string& phase, const PowerTexts& units, const PowerTexts& centers, const Retreats& retreats,
                    const std::optional<std::string>& winner) {
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
            if (position.owner[center] != power) position.set_owner(center, power);
        }
    }
    std::vector<Dislodged> gone;
    for (const auto& [name, by_unit] : retreats) {
        const int power = power_of(name);
        for (const auto& [text, places] : by_unit) {
            const Dislodged unit = read_dislodged(map, name, power, text, places);
            for (const Dislodged& other : gone)
                if (map.province_of[other.location] == map.province_of[unit.location])
                    throw IllegalStateError(name + ", unit '" + text + "': two units dislodged from " + map.provinces[map.province_of[unit.location]]);
            if (unit.retreats) gone.push_back(unit);
        }
    }
    if (position.kind != PhaseKind::kRetreats && !gone.empty())
        throw IllegalStateError("phase " + phase + ": expected no dislodged units outside a retreat phase, got " + std::to_string(gone.size()));
    if (gone.size() > kMaxDislodged)
        throw IllegalStateError("expected at most " + std::to_string(kMaxDislodged) + " dislodged units, got " + std::to_string(gone.size()));
    std::sort(gone.begin(), gone.end(), [](const Dislodged& a, const Dislodged& b) { return a.location < b.location; });
    for (const Dislodged& unit : gone) position.add_dislodged(unit);
    if (winner) position.winner = static_cast<int8_t>(power_of(*winner));
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

// What became of the units of a phase, put into words only when asked for.
struct Results {
    const Map* map;
    std::vector<UnitResult> units;

    const UnitResult* find(const std::string& text) const {
        for (const UnitResult& unit : units)
            if (text == unit_text(*map, unit.kind, unit.location)) return &unit;
        return nullptr;
    }
    nb::dict words() const {
        nb::dict all;
        for (const UnitResult& unit : units) all[nb::cast(unit_text(*map, unit.kind, unit.location))] = result_words(unit.results);
        return all;
    }
};

// A Python sequence read without copies.
class Items {
public:
    Items(nb::handle sequence, const char* expected) {
        fast_ = nb::steal(PySequence_Fast(sequence.ptr(), expected));
        if (!fast_.is_valid()) throw nb::python_error();
    }
    size_t size() const { return static_cast<size_t>(PySequence_Fast_GET_SIZE(fast_.ptr())); }
    nb::handle operator[](size_t i) const { return PySequence_Fast_GET_ITEM(fast_.ptr(), static_cast<Py_ssize_t>(i)); }

private:
    nb::object fast_;
};

Code read_code(nb::handle number) {
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
    if (value == -1 && PyErr_Occurred()) throw nb::python_error();
    if (overflow || static_cast<Code>(value) != value) throw OrderTextError("expected an order code, got a number out of range");
    return static_cast<Code>(value);
}

Code read_order(const Map& map, nb::handle text) {
    Py_ssize_t length;
    const char* data = PyUnicode_Check(text.ptr()) ? PyUnicode_AsUTF8AndSize(text.ptr(), &length) : nullptr;
    if (data) return order_code(map, data, static_cast<size_t>(length));
    PyErr_Clear();  // no text, or one with characters that cannot be written
    throw OrderTextError("expected an order such as 'A PAR - BUR' as text, got " + std::string(nb::repr(text).c_str()));
}

// Takes in the orders of one power.
class StepOrders {
public:
    StepOrders(const Position& position, bool strict) : position_(position), strict_(strict) {}

    void add(int power, const Code* codes, int count) {
        if (!strict_) {
            position_.keep_legal(power, codes, count, orders_, voided_);
            return;
        }
        position_.check_orders(power, codes, count);
        for (int i = 0; i < count; ++i)
            if (Order::kind_of(codes[i]) != OrderKind::kWaive) orders_.add(codes[i]);
    }
    nb::object step(int defects) const {
        Position next;
        Report report;
        position_.step(orders_, next, &report, defects);
        for (int i = 0; i < voided_.count; ++i)
            for (int j = 0; j < report.count; ++j)
                if (report.units[j].location == voided_.units[i].location) report.units[j].results |= voided_.units[i].results;
        Results results{position_.map, {report.units.begin(), report.units.begin() + report.count}};
        return nb::make_tuple(std::move(next), std::move(results));
    }

private:
    const Position& position_;
    const bool strict_;
    Orders orders_;
    Report voided_;
};

constexpr size_t kMostOrders = kMaxProvinces;  // of one power in one phase; more can only be repetitions

void too_many(size_t count) {
    if (count > kMostOrders)
        throw OrderLegalityError("expected at most " + std::to_string(kMostOrders) + " orders of a power, got " + std::to_string(count));
}

nb::object step(const Position& position, nb::handle orders, bool strict, int defects) {
    const Items powers(orders, "expected the orders of each power");
    const auto power_count = static_cast<size_t>(position.map->power_count());
    if (powers.size() != power_count)
        throw CoreError("expected orders of " + std::to_string(power_count) + " powers, got " + std::to_string(powers.size()));
    StepOrders taken(position, strict);
    std::array<Code, kMostOrders> codes;
    for (size_t power = 0; power < power_count; ++power) {
        const Items numbers(powers[power], "expected order codes");
        too_many(numbers.size());
        for (size_t i = 0; i < numbers.size(); ++i) codes[i] = read_code(numbers[i]);
        taken.add(static_cast<int>(power), codes.data(), static_cast<int>(numbers.size()));
    }
    return taken.step(defects);
}

nb::object step_texts(const Position& position, nb::dict orders, bool strict) {
    StepOrders taken(position, strict);
    std::array<Code, kMostOrders> codes;
    for (const auto& [name, list] : orders) {
        std::string power_name;
        if (!nb::try_cast(name, power_name)) throw CoreError("expected a power's name, got " + std::string(nb::repr(name).c_str()));
        const int power = power_number(*position.map, power_name);
        const Items texts(list, "expected order texts");
        too_many(texts.size());
        for (size_t i = 0; i < texts.size(); ++i) codes[i] = read_order(*position.map, texts[i]);
        taken.add(power, codes.data(), static_cast<int>(texts.size()));
    }
    return taken.step(0);
}

std::string shape_text(const std::vector<size_t>& shape) {
    std::string text = "(";
    for (size_t length : shape) text += std::to_string(length) + ", ";
    return text.substr(0, text.size() - 2) + ")";
}

// Numbers are read and written where they lie, which needs an address that fits their size.
template <class Array> void check_aligned(const char* name, const Array& array) {
    if (reinterpret_cast<uintptr_t>(array.data()) % array.itemsize() != 0)
        throw CoreError(std::string(name) + ": expected an aligned array; copy it first");
}

template <class Array> void check_rows(const Batch& batch, const Array& orders) {
    check_aligned("orders", orders);
    if (orders.shape(0) != batch.size())
        throw CoreError("orders: expected " + std::to_string(batch.size()) + " rows, got " + std::to_string(orders.shape(0)));
}

// The caller's array, if it has this shape.
void check_shape(const char* name, const AnyArray& array, const std::vector<size_t>& wanted) {
    check_aligned(name, array);
    std::vector<size_t> got;
    for (size_t i = 0; i < array.ndim(); ++i) got.push_back(array.shape(i));
    if (got != wanted) throw CoreError(std::string(name) + ": expected an array of shape " + shape_text(wanted) + ", got " + (got.empty() ? "()" : shape_text(got)));
}

// Calls places(pointer) by the type of the one array, and board(pointer).
template <class WritePlaces, class WriteBoard>
void encode(const Map& map, std::vector<size_t> rows, const AnyArray& places, const AnyArray& board, WritePlaces write_places, WriteBoard write_board) {
    std::vector<size_t> places_shape = rows, board_shape = rows;
    places_shape.push_back(static_cast<size_t>(map.location_count()));
    places_shape.push_back(static_cast<size_t>(place_columns(map)));
    board_shape.push_back(static_cast<size_t>(board_columns(map)));
    check_shape("places", places, places_shape);
    check_shape("board", board, board_shape);
    const bool bytes = places.dtype() == nb::dtype<uint8_t>();
    if (!bytes && places.dtype() != nb::dtype<float>()) throw CoreError("places: expected uint8 or float32");
    if (board.dtype() != nb::dtype<float>()) throw CoreError("board: expected float32");
    void *places_data = places.data(), *board_data = board.data();
    nb::gil_scoped_release free_gil;
    if (bytes) write_places(static_cast<uint8_t*>(places_data));
    else write_places(static_cast<float*>(places_data));
    write_board(static_cast<float*>(board_data));
}

nb::tuple legal_arrays(const Position& position) {
    static thread_local LegalOrders legal;
    legal.list(position);
    const auto provinces = static_cast<size_t>(position.map->province_count());
    return nb::make_tuple(
        filled<Code>({legal.codes.size()}, [&](Code* out) { std::copy(legal.codes.begin(), legal.codes.end(), out); }),
        filled<int32_t>({provinces + 1}, [&](int32_t* out) { std::copy_n(legal.starts.begin(), provinces + 1, out); }));
}

std::vector<Code> sorted_orders(const LegalOrders& legal, int province) {
    std::vector<Code> codes(legal.of(province), legal.of(province) + legal.count(province));
    std::sort(codes.begin(), codes.end());
    return codes;
}

nb::dict legal_codes(const Position& position) {
    LegalOrders legal;
    legal.list(position);
    nb::dict all;
    for (int province = 0; province < position.map->province_count(); ++province)
        if (legal.count(province)) all[nb::cast(position.map->provinces[province])] = nb::cast(sorted_orders(legal, province));
    return all;
}

nb::tuple sample(const Position& position, uint64_t seed, bool coherent) {
    Orders orders;
    LegalOrders legal;
    Rng rng(seed);
    sample_orders(position, rng, play(coherent), legal, orders);
    nb::list by_power;
    for (int power = 0; power < position.map->power_count(); ++power) {
        nb::list codes;
        for (Code code : orders)
            if (position.power_of(code) == power) codes.append(code);
        by_power.append(codes);
    }
    return nb::tuple(by_power);
}

void bind_map(nb::module_& m) {
    nb::class_<MapHandle>(m, "Map")
        .def("__init__",
             [](MapHandle* self, const std::string& name, const Texts& powers, const Edges& locations, const Texts& centers,
                const std::vector<Texts>& homes, const std::vector<Texts>& units, const std::vector<Texts>& owned, const Edges& army_edges,
                const Edges& fleet_edges, int first_year, int victory_centers, bool build_anywhere) {
                 new (self) MapHandle{new Map({name, powers, locations, centers, homes, units, owned, army_edges, fleet_edges, first_year, victory_centers, build_anywhere})};
             },
             "name"_a, "powers"_a, "locations"_a, "centers"_a, "homes"_a, "units"_a, "owned"_a, "army_edges"_a, "fleet_edges"_a, "first_year"_a,
             "victory_centers"_a, "build_anywhere"_a)
        .def_prop_ro("name", [](MapHandle h) { return h.map->name; })
        .def_prop_ro("powers", [](MapHandle h) { return h.map->powers; })
        .def_prop_ro("provinces", [](MapHandle h) { return h.map->provinces; })
        .def_prop_ro("locations", [](MapHandle h) { return h.map->locations; })
        .def_prop_ro("centers", [](MapHandle h) { return h.map->centers; })
        .def_prop_ro("victory_centers", [](MapHandle h) { return h.map->victory_centers; })
        .def_prop_ro("place_columns", [](MapHandle h) { return place_column_names(*h.map); })
        .def_prop_ro("board_columns", [](MapHandle h) { return board_column_names(*h.map); })
        .def("order_text", [](MapHandle h, nb::int_ code) { return order_text(*h.map, read_code(code)); }, "code"_a)
        .def("order_code", [](MapHandle h, nb::str text) { return read_order(*h.map, text); }, "text"_a)
        .def("start", [](MapHandle h) { return Position::start(*h.map); })
        .def("position", &from_state, "phase"_a, "units"_a, "centers"_a, "retreats"_a = Retreats{}, "winner"_a = nb::none())
        .def("random_games", [](MapHandle h, size_t count, int last_year, uint64_t seed, bool coherent, int threads) {
            RandomGames games;
            {
                nb::gil_scoped_release free_gil;
                games = random_games(*h.map, count, last_year, seed, play(coherent), thread_count(threads));
            }
            return nb::make_tuple(Batch(std::move(games.ends), thread_count(threads)), games.phases, games.movement_phases);
        }, "count"_a, "last_year"_a, "seed"_a = 0, "coherent"_a = false, "threads"_a = 0);
}

void bind_results(nb::module_& m) {
    nb::class_<Results>(m, "Results")
        .def("__len__", [](const Results& r) { return r.units.size(); })
        .def("__iter__", [](const Results& r) { return nb::iter(r.words()); })
        .def("__contains__", [](const Results& r, const std::string& unit) { return r.find(unit) != nullptr; }, "unit"_a)
        .def("__getitem__", [](const Results& r, const std::string& unit) {
            const UnitResult* found = r.find(unit);
            if (!found) throw nb::key_error(unit.c_str());
            return result_words(found->results);
        }, "unit"_a)
        .def("get", [](const Results& r, const std::string& unit, nb::object otherwise) -> nb::object {
            const UnitResult* found = r.find(unit);
            return found ? nb::object(result_words(found->results)) : otherwise;
        }, "unit"_a, "default"_a = nb::none())
        .def("keys", [](const Results& r) { return r.words().attr("keys")(); })
        .def("values", [](const Results& r) { return r.words().attr("values")(); })
        .def("items", [](const Results& r) { return r.words().attr("items")(); })
        .def("dislodger", [](const Results& r, const std::string& unit) -> std::optional<std::string> {
            const UnitResult* found = r.find(unit);
            if (!found || found->by == kNone) return std::nullopt;
            return r.map->locations[found->by];
        }, "unit"_a)
        .def("__eq__", [](const Results& r, nb::handle other) {
            if (nb::isinstance<Results>(other)) return r.words().equal(nb::cast<const Results&>(other).words());
            return r.words().equal(other);
        }, "other"_a.none())
        .def("__repr__", [](const Results& r) { return "Results(" + std::string(nb::repr(r.words()).c_str()) + ")"; });
}

void bind_position(nb::module_& m) {
    nb::class_<Position>(m, "Position")
        .def_static("from_state", &from_state, "map"_a, "phase"_a, "units"_a, "centers"_a, "retreats"_a = Retreats{}, "winner"_a = nb::none())
        .def_prop_ro("map", [](const Position& p) { return MapHandle{p.map}; })
        .def_prop_ro("phase", &Position::phase_text)
        .def_prop_ro("hash", &Position::hash)
        .def_prop_ro("is_over", [](const Position& p) { return p.winner != kNobody; })
        .def_prop_ro("winner", [](const Position& p) -> std::optional<std::string> {
            if (p.winner == kNobody) return std::nullopt;
            return p.map->powers[p.winner];
        })
        .def("copy", [](const Position& p) { return p; })
        .def("__copy__", [](const Position& p) { return p; })
        .def("__reduce__", [](const Position& p) {
            const nb::object self = nb::cast(p);
            return nb::make_tuple(nb::module_::import_("engine.board").attr("restore_position"),
                                  nb::make_tuple(p.map->name, p.phase_text(), self.attr("units")(), self.attr("centers")(), self.attr("dislodged")(), self.attr("winner")));
        })
        .def("__deepcopy__", [](const Position& p, nb::handle) { return p; }, "memo"_a)
        .def("units", [](const Position& p) {
            PowerTexts units;
            for (const auto& power : p.map->powers) units[power];
            for (int kind : {kArmy, kFleet})
                for (int province = 0; province < p.map->province_count(); ++province)
                    if (p.unit_power[province] >= 0 && p.kind_at(province) == kind)
                        units[p.map->powers[p.unit_power[province]]].push_back(unit_text(*p.map, kind, p.unit_location[province]));
            return units;
        })
        .def("dislodged", [](const Position& p) {
            Retreats retreats;
            for (int i = 0; i < p.dislodged_count; ++i) {
                const Dislodged& unit = p.dislodged[i];
                auto& places = retreats[p.map->powers[unit.power]][unit_text(*p.map, unit.kind, unit.location)];
                for (Ways bits = unit.retreats; bits; bits &= bits - 1)
                    places.push_back(p.map->locations[p.map->ways(unit.kind, unit.location)[lowest(bits)]]);
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
        .def("legal_codes", &legal_codes)
        .def("legal_arrays", &legal_arrays)
        .def("legal_orders", [](const Position& p, const std::string& province) {
            LegalOrders legal;
            legal.list(p);
            return sorted_orders(legal, province_number(*p.map, province));
        }, "province"_a)
        .def("count_legal", [](const Position& p) {
            static thread_local LegalOrders legal;
            legal.list(p);
            return legal.codes.size();
        })
        .def("is_legal", [](const Position& p, const std::string& power, nb::int_ code) {
            return p.is_legal(power_number(*p.map, power), read_code(code));
        }, "power"_a, "code"_a)
        .def("check_orders", [](const Position& p, const std::string& power, nb::handle codes) {
            const Items numbers(codes, "expected order codes");
            too_many(numbers.size());
            std::array<Code, kMostOrders> list;
            for (size_t i = 0; i < numbers.size(); ++i) list[i] = read_code(numbers[i]);
            p.check_orders(power_number(*p.map, power), list.data(), static_cast<int>(numbers.size()));
        }, "power"_a, "codes"_a)
        .def("sample", &sample, "seed"_a, "coherent"_a = false)
        .def("step", &step, "orders"_a, "strict"_a = true, "defects"_a = 0)
        .def("step_texts", &step_texts, "orders"_a, "strict"_a = true)
        .def("encode", [](const Position& p, AnyArray places, AnyArray board) {
            encode(*p.map, {}, places, board, [&](auto* out) { encode_places(p, out); }, [&](float* out) { encode_board(p, out); });
        }, "places"_a.noconvert(), "board"_a.noconvert())
        .def("perft", [](const Position& p, int phases, uint64_t limit) {
            constexpr int kMostPhases = 100;
            if (phases < 0 || phases > kMostPhases) throw CoreError("perft: expected 0 to 100 phases, got " + std::to_string(phases));
            Perft found;
            {
                nb::gil_scoped_release free_gil;
                found = perft(p, phases, limit);
            }
            nb::dict counts;
            counts["joint_orders"] = found.joint_orders;
            counts["positions"] = found.positions;
            counts["bounces"] = found.bounces;
            counts["cuts"] = found.cuts;
            counts["dislodged"] = found.dislodged;
            counts["disrupted"] = found.disrupted;
            counts["disbands"] = found.disbands;
            return counts;
        }, "phases"_a, "limit"_a = 10'000'000)
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
    using Profiles = nb::ndarray<const int32_t, nb::shape<-1, -1>, nb::c_contig, nb::device::cpu>;
    nb::class_<Batch>(m, "Batch")
        .def("__init__", [](Batch* self, const Position& position, const Actions& actions, Profiles profiles, int threads) {
            const auto powers = static_cast<size_t>(position.map->power_count());
            if (actions.size() != powers)
                throw CoreError("expected actions of " + std::to_string(powers) + " powers, got " + std::to_string(actions.size()));
            if (profiles.shape(1) != powers)
                throw CoreError("profiles: expected " + std::to_string(powers) + " columns, got " + std::to_string(profiles.shape(1)));
            check_aligned("profiles", profiles);
            nb::gil_scoped_release free_gil;
            new (self) Batch(position, actions, profiles.data(), profiles.shape(0), thread_count(threads));
        }, "position"_a, "actions"_a, "profiles"_a.noconvert(), "threads"_a = 2)
        .def_static("of", [](nb::handle positions, int threads) {
            const Items items(positions, "expected positions");
            std::vector<Position> list;
            list.reserve(items.size());
            for (size_t i = 0; i < items.size(); ++i) {
                if (!nb::isinstance<Position>(items[i]))
                    throw CoreError("expected positions, got " + std::string(nb::repr(items[i]).c_str()));
                list.push_back(nb::cast<const Position&>(items[i]));
            }
            return Batch(std::move(list), thread_count(threads));
        }, "positions"_a, "threads"_a = 0)
        .def_static("repeat", [](const Position& position, size_t count, int threads) {
            return Batch(std::vector<Position>(count, position), thread_count(threads));
        }, "position"_a, "count"_a, "threads"_a = 0)
        .def("__len__", &Batch::size)
        .def("copy", [](const Batch& b) { return b.copy(); })
        .def("step", [](Batch& b, Codes orders) {
            check_rows(b, orders);
            nb::gil_scoped_release free_gil;
            b.step(orders.data(), orders.shape(1));
        }, "orders"_a.noconvert())
        .def("sample", [](const Batch& b, uint64_t seed, CodesOut orders, bool coherent) {
            check_rows(b, orders);
            nb::gil_scoped_release free_gil;
            b.sample(seed, play(coherent), orders.data(), orders.shape(1));
        }, "seed"_a, "orders"_a.noconvert(), "coherent"_a = false)
        .def("legal_arrays", [](const Batch& b) {
            std::vector<Code> codes;
            int64_t* starts;
            auto starts_array = new_array<int64_t>({b.size(), static_cast<size_t>(b.map().province_count()) + 1}, starts);
            {
                nb::gil_scoped_release free_gil;
                b.legal(codes, starts);
            }
            return nb::make_tuple(filled<Code>({codes.size()}, [&](Code* out) { std::copy(codes.begin(), codes.end(), out); }), starts_array);
        })
        .def("encode", [](const Batch& b, AnyArray places, AnyArray board) {
            encode(b.map(), {b.size()}, places, board, [&](auto* out) { b.encode_places(out); }, [&](float* out) { b.encode_board(out); });
        }, "places"_a.noconvert(), "board"_a.noconvert())
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
        .def("over", [](const Batch& b) {
            return filled<bool>({b.size()}, [&](bool* out) { for (size_t i = 0; i < b.size(); ++i) out[i] = b.position(i).is_over(); });
        })
        .def("hashes", [](const Batch& b) {
            return filled<uint64_t>({b.size()}, [&](uint64_t* out) { for (size_t i = 0; i < b.size(); ++i) out[i] = b.position(i).hash(); });
        })
        .def("owners", [](const Batch& b) { return filled<int8_t>({b.size(), b.map().centers.size()}, [&](int8_t* out) { b.owners(out); }); })
        .def("occupants", [](const Batch& b) { return filled<int8_t>({b.size(), b.map().centers.size()}, [&](int8_t* out) { b.occupants(out); }); })
        .def("reach", [](const Batch& b) {
            return filled<uint8_t>({b.size(), b.map().centers.size(), b.map().powers.size()}, [&](uint8_t* out) { b.reach(out); });
        })
        .def("unit_counts", [](const Batch& b) { return filled<Count>({b.size(), b.map().powers.size()}, [&](Count* out) { b.unit_counts(out); }); })
        .def("center_counts", [](const Batch& b) { return filled<Count>({b.size(), b.map().powers.size()}, [&](Count* out) { b.center_counts(out); }); });
}

}  // namespace

NB_MODULE(RULES_MODULE, m) {
    m.doc() = "The rules of Diplomacy.";
    // Python caches of facts about positions live until the interpreter has gone, and the positions with them.
    nb::set_leak_warnings(false);
    m.attr("MAX_POWERS") = kPowers;
    m.attr("MAX_PROVINCES") = kMaxProvinces;
    m.attr("MAX_LOCATIONS") = kMaxLocations;
    m.attr("MAX_CENTERS") = kMaxCenters;
    m.attr("MAX_SEAS") = kMaxSeas;
    m.attr("MAX_NEIGHBOURS") = kMaxNeighbours;
    m.attr("POSITION_BYTES") = sizeof(Position);
    auto base = nb::exception<CoreError>(m, "CoreError", PyExc_ValueError);
    nb::exception<OrderTextError>(m, "OrderTextError", base.ptr());
    nb::exception<OrderLegalityError>(m, "OrderLegalityError", base.ptr());
    nb::exception<IllegalStateError>(m, "IllegalStateError", base.ptr());
    bind_map(m);
    bind_results(m);
    bind_position(m);
    bind_batch(m);
}
