// What the files that know Python share: new numpy arrays, and how many threads to use.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <thread>

namespace rules {

namespace nb = nanobind;

inline int thread_count(int threads) {
    return threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

template <class T> nb::ndarray<nb::numpy, T> new_array(std::initializer_list<size_t> shape, T*& data) {
    size_t size = 1;
    for (size_t length : shape) size *= length;
    data = new T[size];
    nb::capsule owner(data, [](void* memory) noexcept { delete[] static_cast<T*>(memory); });
    return nb::ndarray<nb::numpy, T>(data, shape, owner);
}

template <class T, class Fill> nb::ndarray<nb::numpy, T> filled(std::initializer_list<size_t> shape, Fill fill) {
    T* data;
    auto array = new_array<T>(shape, data);
    fill(data);
    return array;
}

}  // namespace rules
