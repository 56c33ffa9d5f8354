namespace TinyInference.Converter.Estimation;

/// <summary>What an IL instruction does, as far as its cost on an interpreter goes. The order is that of the tables.</summary>
internal enum InstructionClass
{
    /// <summary>Locals, arguments, constants, sums, logic, shifts, comparisons without a jump, the stack, ldlen.</summary>
    Simple,

    /// <summary>Products, quotients and remainders.</summary>
    MulDiv,

    /// <summary>conv.*.</summary>
    Conversion,

    /// <summary>Jumps, taken or not, with or without a comparison; switch, ret.</summary>
    Branch,

    /// <summary>An element of an array, its address, or what a reference refers to.</summary>
    ArrayLoad,

    /// <summary>To an element of an array or to what a reference refers to.</summary>
    ArrayStore,

    /// <summary>Load or store of a field of an object.</summary>
    Field,

    /// <summary>Load or store of a static field.</summary>
    Static,

    CallStatic,

    CallInstance,

    CallVirtual,

    CallInterface,

    /// <summary>A method of the base library that is native on the device: the call counts, not what it does.</summary>
    CallNative,

    /// <summary>Another method of the base library, managed on the device: the call counts, its instructions are not known.</summary>
    CallLibrary,

    /// <summary>newobj, newarr, box, ldstr.</summary>
    Allocation,
}
