using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Noos.Training.Torch;

/// <summary>
/// Operators of libtorch that TorchSharp does not bind, reached through libtorch 2.10's stable C interface
/// (<c>torch/csrc/stable/c/shim.h</c>, <c>torch_call_dispatcher</c>). Autograd works as for any other operator.
/// </summary>
/// <remarks>
/// A call takes a stack of 64-bit cells: tensor handles (consumed by the call), doubles by their bits, booleans as 0 or 1, lists by handle,
/// <c>None</c> as 0. The result replaces the first cells.
/// </remarks>
static unsafe partial class Aten
{
    const string Library = "libtorch_cpu.so";

    static readonly ulong s_version = ReadVersion();

    /// <summary>One AdamW step over all given tensors in place (<c>aten::_fused_adamw_</c>); Loshchilov and Hutter, 2019.</summary>
    /// <param name="steps">One scalar float tensor for each parameter: the step number, from 1.</param>
    public static void FusedAdamW(
        IReadOnlyList<Tensor> parameters,
        IReadOnlyList<Tensor> gradients,
        IReadOnlyList<Tensor> firstMoments,
        IReadOnlyList<Tensor> secondMoments,
        IReadOnlyList<Tensor> steps,
        double learningRate,
        double beta1,
        double beta2,
        double weightDecay,
        double epsilon)
    {
        var stack = stackalloc ulong[15];
        stack[0] = List(parameters);
        stack[1] = List(gradients);
        stack[2] = List(firstMoments);
        stack[3] = List(secondMoments);
        stack[4] = List([]);
        stack[5] = List(steps);
        stack[6] = Bits(learningRate);
        stack[7] = Bits(beta1);
        stack[8] = Bits(beta2);
        stack[9] = Bits(weightDecay);
        stack[10] = Bits(epsilon);
        stack[11] = 0; // amsgrad
        stack[12] = 0; // maximize
        stack[13] = 0; // grad_scale
        stack[14] = 0; // found_inf
        Call("aten::_fused_adamw_", stack);
    }

    /// <summary>Causal attention with grouped queries, scaled by the inverse root of the head length.</summary>
    /// <param name="query">[batch, heads, length, head length]</param>
    /// <param name="key">[batch, key-value heads, length, head length]</param>
    /// <param name="value">[batch, key-value heads, length, head length]</param>
    public static Tensor CausalAttention(Tensor query, Tensor key, Tensor value)
    {
        var stack = stackalloc ulong[8];
        stack[0] = Handle(query);
        stack[1] = Handle(key);
        stack[2] = Handle(value);
        stack[3] = 0; // attn_mask
        stack[4] = Bits(0); // dropout_p
        stack[5] = 1; // is_causal
        stack[6] = 0; // scale
        stack[7] = 1; // enable_gqa
        return Result("aten::scaled_dot_product_attention", stack);
    }

    /// <summary>x / sqrt(mean(x²) + epsilon) · weight over the last dimension; Zhang and Sennrich, 2019.</summary>
    public static Tensor RmsNorm(Tensor input, Tensor weight, double epsilon)
    {
        nint shape;
        Check(NewList(1, &shape), "list");
        Check(PushBack(shape, (ulong)weight.shape[0]), "list");
        var stack = stackalloc ulong[4];
        stack[0] = Handle(input);
        stack[1] = (ulong)shape;
        stack[2] = Some(Handle(weight));
        stack[3] = Some(Bits(epsilon));
        return Result("aten::rms_norm", stack);
    }

    static ulong ReadVersion()
    {
        TorchRuntime.Initialize();
        return AbiVersion();
    }

    static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);

    static ulong Handle(Tensor tensor)
    {
        nint handle;
        Check(NewHandle(tensor.Handle, &handle), "handle");
        return (ulong)handle;
    }

    static ulong List(IReadOnlyList<Tensor> tensors)
    {
        nint list;
        Check(NewList((nuint)tensors.Count, &list), "list");
        foreach (var tensor in tensors)
        {
            Check(PushBack(list, Handle(tensor)), "list");
        }

        return (ulong)list;
    }

    // An optional is a cell allocated by C++ new, which the callee deletes.
    static ulong Some(ulong value)
    {
        var cell = (ulong*)CppNew(sizeof(ulong));
        *cell = value;
        return (ulong)cell;
    }

    static Tensor Result(string name, ulong* stack)
    {
        Call(name, stack);
        return Tensor.UnsafeCreateTensor((nint)stack[0]);
    }

    static void Call(string name, ulong* stack) => Check(CallDispatcher(name, string.Empty, stack, s_version), name);

    static void Check(int error, string what)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"libtorch refused {what}.");
        }
    }

    [LibraryImport(Library, EntryPoint = "aoti_torch_abi_version")]
    private static partial ulong AbiVersion();

    [LibraryImport(Library, EntryPoint = "torch_call_dispatcher", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CallDispatcher(string name, string overload, ulong* stack, ulong version);

    [LibraryImport(Library, EntryPoint = "torch_new_list_reserve_size")]
    private static partial int NewList(nuint size, nint* list);

    [LibraryImport(Library, EntryPoint = "torch_list_push_back")]
    private static partial int PushBack(nint list, ulong value);

    [LibraryImport(Library, EntryPoint = "aoti_torch_new_tensor_handle")]
    private static partial int NewHandle(nint tensor, nint* handle);

    [LibraryImport("libstdc++.so.6", EntryPoint = "_Znwm")]
    private static partial nint CppNew(nuint size);
}
