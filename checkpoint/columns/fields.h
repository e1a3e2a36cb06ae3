// Names the fields of a struct, once, so that Holdfast can store it.
#pragma once

// Within the struct, after its members:
//
//   struct Transition {
//     std::array<float, 4> state;
//     int action;
//     double reward;
//     HOLDFAST_FIELDS(state, action, reward)
//   };
//
// Up to 32 fields. For more, for fields of a base class, or for other names in the checkpoint,
// write the member yourself:
//
//   template <typename Visitor>
//   void fields(Visitor& visit) {
//     Base::fields(visit);
//     visit("reward", reward);
//   }
//
// It visits the same fields in the same order whenever it is called. A field that is not visited is
// not saved, and a load leaves it as it is.
#define HOLDFAST_FIELDS(...)                             \
  template <typename HoldfastVisitor>                    \
  void fields(HoldfastVisitor& holdfast_visit) {         \
    HOLDFAST_FIELDS_VISIT(holdfast_visit, , __VA_ARGS__) \
  }

// The same for a struct that cannot be changed. At namespace scope, in the struct's namespace:
//
//   HOLDFAST_FIELDS_OF(Transition, state, action, reward)
#define HOLDFAST_FIELDS_OF(Type, ...)                                            \
  template <typename HoldfastVisitor>                                            \
  void holdfast_fields(HoldfastVisitor& holdfast_visit, Type& holdfast_object) { \
    HOLDFAST_FIELDS_VISIT(holdfast_visit, holdfast_object., __VA_ARGS__)         \
  }

// Visits each of the arguments.
// clang-format off
#define HOLDFAST_FIELDS_VISIT(visit, object, ...)                                     \
  HOLDFAST_FIELDS_PICK(__VA_ARGS__, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, ~)(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_PICK(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, _16, _17, _18, _19, _20, _21, _22, _23, _24, _25, _26, _27, _28, _29, _30, _31, _32, count, ...) HOLDFAST_FIELDS_##count
#define HOLDFAST_FIELDS_1(visit, object, field) visit(#field, object field);
#define HOLDFAST_FIELDS_2(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_1(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_3(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_2(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_4(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_3(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_5(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_4(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_6(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_5(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_7(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_6(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_8(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_7(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_9(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_8(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_10(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_9(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_11(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_10(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_12(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_11(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_13(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_12(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_14(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_13(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_15(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_14(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_16(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_15(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_17(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_16(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_18(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_17(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_19(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_18(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_20(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_19(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_21(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_20(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_22(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_21(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_23(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_22(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_24(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_23(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_25(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_24(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_26(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_25(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_27(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_26(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_28(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_27(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_29(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_28(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_30(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_29(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_31(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_30(visit, object, __VA_ARGS__)
#define HOLDFAST_FIELDS_32(visit, object, field, ...) visit(#field, object field); HOLDFAST_FIELDS_31(visit, object, __VA_ARGS__)
// clang-format on
