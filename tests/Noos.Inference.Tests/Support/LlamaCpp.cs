using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Noos.Inference.Tests.Support;

/// <summary>
/// llama.cpp as a library, for comparison: the folder with <c>libllama.so</c> stands in the variable LLAMA_CPP (such as
/// <c>runtimes/linux-x64/native/avx2</c> of the package LLamaSharp.Backend.Cpu). One thread, no flash attention, keys and values as 32-bit
/// floats. For x64 on Linux: parameters go by value in memory there, so that a block larger than the real one will do.
/// </summary>
sealed unsafe class LlamaCpp
{
    // Byte offsets in llama_context_params.
    const int ContextLength = 0;
    const int Threads = 24;
    const int BatchThreads = 28;
    const int FlashAttention = 48;
    const int KeyType = 104;
    const int ValueType = 108;

    // Byte offset in llama_model_params.
    const int UsesMemoryMap = 65;

    readonly nint _library;

    LlamaCpp(string folder)
    {
        foreach (var name in (string[])["libggml-base.so", "libggml-cpu.so", "libggml.so"])
        {
            NativeLibrary.Load(Path.Combine(folder, name));
        }

        _library = NativeLibrary.Load(Path.Combine(folder, "libllama.so"));
        ((delegate* unmanaged<delegate* unmanaged<int, byte*, void*, void>, void*, void>)Function("llama_log_set"))(&Ignore, null);
        ((delegate* unmanaged<void>)Function("llama_backend_init"))();
    }

    /// <summary>Why there is none; null when there is one.</summary>
    public static string? Missing => Folder is null
        ? "The variable LLAMA_CPP names no folder with libllama.so."
        : !OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 ? "This is not Linux on x64."
        : null;

    static string? Folder => Environment.GetEnvironmentVariable("LLAMA_CPP") is { Length: > 0 } folder
        && File.Exists(Path.Combine(folder, "libllama.so")) ? folder : null;

    public static LlamaCpp Load() => new(Folder ?? throw new InvalidOperationException(Missing));

    /// <summary>The logits after each token.</summary>
    public float[][] Logits(string path, ReadOnlySpan<int> tokens)
    {
        var modelParameters = ((delegate* unmanaged<Block>)Function("llama_model_default_params"))();
        var parameters = ((delegate* unmanaged<Block>)Function("llama_context_default_params"))();
        // 16-bit floats and "auto" are the defaults; a version with other places would be used wrongly.
        Assert.Equal((1, 1, -1), (parameters.At(KeyType), parameters.At(ValueType), parameters.At(FlashAttention)));
        parameters.At(ContextLength) = 1024;
        parameters.At(Threads) = parameters.At(BatchThreads) = 1;
        parameters.At(FlashAttention) = parameters.At(KeyType) = parameters.At(ValueType) = 0;
        Unsafe.Add(ref Unsafe.As<Block, byte>(ref modelParameters), UsesMemoryMap) = 0;

        var name = Marshal.StringToCoTaskMemUTF8(path);
        var model = ((delegate* unmanaged<nint, Block, nint>)Function("llama_model_load_from_file"))(name, modelParameters);
        Marshal.FreeCoTaskMem(name);
        Assert.True(model != 0, "llama.cpp does not load the model.");
        var context = ((delegate* unmanaged<nint, Block, nint>)Function("llama_init_from_model"))(model, parameters);
        Assert.True(context != 0, "llama.cpp makes no context.");
        var vocabulary = ((delegate* unmanaged<nint, nint>)Function("llama_model_get_vocab"))(model);
        var length = ((delegate* unmanaged<nint, int>)Function("llama_vocab_n_tokens"))(vocabulary);
        var rows = new float[tokens.Length][];
        for (var i = 0; i < rows.Length; i++)
        {
            var token = tokens[i];
            var batch = ((delegate* unmanaged<int*, int, Batch>)Function("llama_batch_get_one"))(&token, 1);
            Assert.Equal(0, ((delegate* unmanaged<nint, Batch, int>)Function("llama_decode"))(context, batch));
            var logits = ((delegate* unmanaged<nint, int, float*>)Function("llama_get_logits_ith"))(context, -1);
            rows[i] = new Span<float>(logits, length).ToArray();
        }

        ((delegate* unmanaged<nint, void>)Function("llama_free"))(context);
        ((delegate* unmanaged<nint, void>)Function("llama_model_free"))(model);
        return rows;
    }

    nint Function(string name) => NativeLibrary.GetExport(_library, name);

    [UnmanagedCallersOnly]
    static void Ignore(int level, byte* text, void* state)
    {
    }

    /// <summary>More than any structure of parameters.</summary>
    struct Block
    {
        fixed byte _bytes[512];

        [UnscopedRef]
        public ref int At(int offset) => ref Unsafe.As<byte, int>(ref _bytes[offset]);
    }

    /// <summary>llama_batch.</summary>
    struct Batch
    {
        fixed long _words[7];
    }
}
