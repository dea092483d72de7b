#include "moves.hpp"

#include <algorithm>
#include <cstdlib>

namespace planning {

namespace {

// Of a hundred mutations so many change one plain order, support an own unit, attack together, convoy; the rest support
// a foreign unit.
constexpr int kPlain = 38, kSupport = 18, kTogether = 33, kByConvoy = 6;

template <class Items> const auto& pick(const Items& items, Rng& rng) { return items[static_cast<size_t>(rng.below(static_cast<int>(items.size())))]; }

bool locks(uint64_t locked, int slot) { return (locked >> slot & 1) != 0; }

}  // namespace

bool Slot::allows(Code code) const { return std::binary_search(orders.begin(), orders.end(), code); }

Moves::Moves(const Position& position, int power, const LegalOrders& legal) : position_(position), power_(power) {
    slot_at_.fill(-1);
    for (int province : position.orderable(power)) {
        if (!legal.count(province)) continue;
        Slot slot;
        slot.province = province;
        for (const Code* code = legal.of(province); code != legal.of(province) + legal.count(province); ++code) {
            const Order order = Order::from(*code);
            if (order.kind == OrderKind::kWaive) continue;
            slot.location = order.location;
            slot.kind = order.unit_kind;
            slot.orders.push_back(*code);
            if (position.kind != PhaseKind::kMovement || order.kind == OrderKind::kHold) slot.plain.push_back(*code);
            else if (order.kind == OrderKind::kMove) (order.via ? slot.via : slot.plain).push_back(*code);
            else if (position.unit_power[position.map->province_of[order.aided]] != power) slot.foreign.push_back(*code);
        }
        if (slot.orders.empty()) continue;
        std::sort(slot.orders.begin(), slot.orders.end());
        slot_at_[province] = static_cast<int8_t>(slots_.size());
        slots_.push_back(std::move(slot));
    }
    due_ = static_cast<int>(slots_.size());
    if (position.kind == PhaseKind::kAdjustments) due_ = std::min(due_, std::abs(position.build_count(power)));
}

Action Moves::first() const {
    Action action;
    for (int i = 0; i < due_; ++i) action.add(slots_[i].plain[0]);
    return action;
}

Action Moves::random(Rng& rng) const {
    Action action;
    int left = due_;
    for (int i = 0, slots = static_cast<int>(slots_.size()); i < slots && left > 0; ++i) {
        if (rng.below(slots - i) >= left) continue;  // in adjustments: a fair choice of `due_` provinces
        action.add(pick(slots_[i].plain, rng));
        --left;
    }
    return action;
}

bool Moves::mutate(const Action& base, Rng& rng, Action& changed) const {
    if (!any()) return false;
    if (position_.kind == PhaseKind::kAdjustments) return change_adjustments(base, rng, changed);
    changed = base;
    if (position_.kind == PhaseKind::kRetreats) {
        const int slot = rng.below(due_);
        changed.codes[slot] = pick(slots_[slot].orders, rng);
        return !(changed == base);
    }
    uint64_t locked = 0;
    if (!change_movement(rng, changed, locked)) return false;
    repair(rng, changed, locked);
    return !(changed == base);
}

bool Moves::change_movement(Rng& rng, Action& action, uint64_t& locked) const {
    const int kind = rng.below(100), slot = rng.below(due_);
    if (kind < kPlain || (due_ == 1 && kind < kPlain + kSupport + kTogether)) {
        action.codes[slot] = pick(slots_[slot].plain, rng);
        locked = uint64_t{1} << slot;
        return true;
    }
    if (kind < kPlain + kSupport) {
        // Any own unit that it can support in what that unit does.
        int chosen = -1, seen = 0;
        for (int other = 0; other < due_; ++other)
            if (other != slot && support_of(slot, other, action.codes[other]) >= 0 && rng.below(++seen) == 0) chosen = other;
        if (chosen < 0) return false;
        locked = uint64_t{1} << slot | uint64_t{1} << chosen;
        return support(slot, chosen, action);
    }
    if (kind < kPlain + kSupport + kTogether) return attack_together(rng, action, locked);
    if (kind < kPlain + kSupport + kTogether + kByConvoy) return convoy(rng, action, locked);
    if (slots_[slot].foreign.empty()) return false;
    action.codes[slot] = pick(slots_[slot].foreign, rng);
    locked = uint64_t{1} << slot;
    return true;
}

bool Moves::attack_together(Rng& rng, Action& action, uint64_t& locked) const {
    const int mover = rng.below(due_);
    const Code move = pick(slots_[mover].plain, rng);
    int able[kMaxOrders], count = 0;
    for (int other = 0; other < due_; ++other)
        if (other != mover && support_of(other, mover, move) >= 0) able[count++] = other;
    if (!count) return false;
    action.codes[mover] = move;
    locked = uint64_t{1} << mover;
    for (int wanted = rng.below(3) == 0 ? 2 : 1; wanted > 0 && count > 0; --wanted) {
        std::swap(able[rng.below(count)], able[count - 1]);
        const int helper = able[--count];
        support(helper, mover, action);
        locked |= uint64_t{1} << helper;
    }
    return true;
}

bool Moves::convoy(Rng& rng, Action& action, uint64_t& locked) const {
    int army = -1, seen = 0;
    for (int slot = 0; slot < due_; ++slot)
        if (!slots_[slot].via.empty() && rng.below(++seen) == 0) army = slot;
    if (army < 0) return false;
    const Map& map = *position_.map;
    const Code move = pick(slots_[army].via, rng);
    const int target = Order::from(move).target, goal = map.province_of[target];
    Seas own = 0, route = 0;
    for (const Slot& slot : slots_)
        if (slot.kind == kFleet && map.sea_number[slot.province] >= 0) own |= sea_bit(map.sea_number[slot.province]);
    seen = 0;
    map.each_convoy(slots_[army].province, own, [&](Seas seas, const Places& goals) {
        if (goals.has(goal) && rng.below(++seen) == 0) route = seas;
    });
    if (!route) return false;
    action.codes[army] = move;
    locked = uint64_t{1} << army;
    for (; route; route &= route - 1) {
        const int fleet = slot_at_[map.sea_province[lowest(route)]];
        const Code plain = Order::plain(OrderKind::kConvoy, kFleet, slots_[fleet].location);
        const Code code = Order::aimed(Order::aiding(plain, kArmy, slots_[army].location), target);
        if (!slots_[fleet].allows(code)) return false;
        action.codes[fleet] = code;
        locked |= uint64_t{1} << fleet;
    }
    return true;
}

Code Moves::support_of(int helper, int helped, Code code) const {
    const Slot &from = slots_[helper], &to = slots_[helped];
    const Code aid = Order::aiding(Order::plain(OrderKind::kSupport, from.kind, from.location), to.kind, to.location);
    const Order order = Order::from(code);
    const Code wanted = order.kind == OrderKind::kMove ? Order::aimed(aid, order.target) : aid;
    return from.allows(wanted) ? wanted : Code{-1};
}

bool Moves::support(int helper, int helped, Action& action) const {
    const Code code = support_of(helper, helped, action.codes[helped]);
    if (code < 0) return false;
    action.codes[helper] = code;
    return true;
}

void Moves::repair(Rng& rng, Action& action, uint64_t locked) const {
    for (int slot = 0; slot < due_; ++slot) {
        const Order order = Order::from(action.codes[slot]);
        if (locks(locked, slot) || (order.kind != OrderKind::kSupport && order.kind != OrderKind::kConvoy)) continue;
        const int helped = slot_at_[position_.map->province_of[order.aided]];
        if (helped < 0) continue;  // another power's unit
        const Order now = Order::from(action.codes[helped]);
        const bool moves = now.kind == OrderKind::kMove;
        if (order.kind == OrderKind::kConvoy ? moves && now.via && now.target == order.target
                                             : (moves ? now.target : kNone) == order.target)
            continue;
        if (rng.chance(50) && support(slot, helped, action)) continue;
        action.codes[slot] = rng.chance(50) ? slots_[slot].plain[0] : pick(slots_[slot].plain, rng);
    }
}

bool Moves::change_adjustments(const Action& base, Rng& rng, Action& changed) const {
    changed.count = 0;
    const int replaced = rng.below(base.count);
    int free[kMaxOrders], count = 0;
    for (int slot = 0; slot < static_cast<int>(slots_.size()); ++slot) {
        const bool taken = std::any_of(base.begin(), base.end(), [&](Code code) {
            return &code != base.begin() + replaced && slots_[slot].allows(code);
        });
        if (!taken && count < kMaxOrders) free[count++] = slot;
    }
    if (!count) return false;
    const Slot& fresh = slots_[free[rng.below(count)]];
    const Code code = pick(fresh.plain, rng);
    for (const Slot& slot : slots_) {
        if (&slot == &fresh) changed.add(code);
        for (int i = 0; i < base.count; ++i)
            if (i != replaced && slot.allows(base.codes[i])) changed.add(base.codes[i]);
    }
    return !(changed == base);
}

}  // namespace planning
