#include "sim/fiber.hpp"

#include <sys/mman.h>
#include <ucontext.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace nodenap::sim {
namespace {

constexpr std::size_t stack_bytes = std::size_t{1} << 20U;  // used pages only

/// Stacks are used again: the kernel takes long to give new ones.
class Stacks {
public:
    Stacks() = default;
    Stacks(const Stacks&) = delete;
    Stacks& operator=(const Stacks&) = delete;
    ~Stacks() {
        for (void* stack : free_) munmap(stack, stack_bytes);
    }
    void* take() {
        if (free_.empty()) {
            void* made = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            assert(made != MAP_FAILED);
            return made;
        }
        void* stack = free_.back();
        free_.pop_back();
        return stack;
    }
    void give_back(void* stack) { free_.push_back(stack); }

private:
    std::vector<void*> free_;
};

thread_local Stacks stacks;
thread_local Fiber* running = nullptr;

}  // namespace

struct Fiber::Context {
    std::function<void()> body;
    void* stack = nullptr;
    ucontext_t own{};
    ucontext_t resumer{};
    bool ended = false;
#if defined(__SANITIZE_ADDRESS__)
    void* own_fake_stack = nullptr;
    void* resumer_fake_stack = nullptr;
    const void* resumer_stack = nullptr;
    std::size_t resumer_stack_bytes = 0;
#endif

    void leave_for_own() {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_start_switch_fiber(&resumer_fake_stack, stack, stack_bytes);
#endif
        swapcontext(&resumer, &own);
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(resumer_fake_stack, nullptr, nullptr);
#endif
    }

    void arrived_in_own() {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(own_fake_stack, &resumer_stack, &resumer_stack_bytes);
#endif
    }

    void leave_for_resumer() {
#if defined(__SANITIZE_ADDRESS__)
        void** kept = ended ? nullptr : &own_fake_stack;
        __sanitizer_start_switch_fiber(kept, resumer_stack, resumer_stack_bytes);
#endif
        swapcontext(&own, &resumer);
    }
};

Fiber::Fiber(std::function<void()> body) : context_(std::make_unique<Context>()) {
    context_->body = std::move(body);
    context_->stack = stacks.take();
    getcontext(&context_->own);
    context_->own.uc_stack.ss_sp = context_->stack;
    context_->own.uc_stack.ss_size = stack_bytes;
    const auto self = reinterpret_cast<std::uintptr_t>(this);
    // makecontext hands over ints only.
    makecontext(&context_->own, reinterpret_cast<void (*)()>(&Fiber::enter), 2,
                static_cast<unsigned>(self), static_cast<unsigned>(self >> 32U));
}

Fiber::~Fiber() {
    assert(context_->ended);
    stacks.give_back(context_->stack);
}

void Fiber::enter(unsigned low, unsigned high) {
    const auto self = (std::uintptr_t{high} << 32U) | low;
    Context& context =
        *reinterpret_cast<Fiber*>(self)->context_;  // NOLINT(performance-no-int-to-ptr)
    context.arrived_in_own();
    context.body();
    context.body = nullptr;
    context.ended = true;
    context.leave_for_resumer();
}

void Fiber::resume() {
    assert(!context_->ended);
    Fiber* before = std::exchange(running, this);
    context_->leave_for_own();
    running = before;
}

bool Fiber::ended() const { return context_->ended; }

void Fiber::suspend() {
    assert(running != nullptr);
    Context& context = *running->context_;
    context.leave_for_resumer();
    context.arrived_in_own();
}

Fiber* Fiber::current() { return running; }

}  // namespace nodenap::sim
