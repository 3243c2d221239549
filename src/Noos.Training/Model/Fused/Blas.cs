using System.Runtime.InteropServices;
using Noos.Training.Torch;

namespace Noos.Training.Model.Fused;

/// <summary>
/// Single-precision matrix products of the BLAS inside libtorch, on row-major memory. Each worker thread computes its own rows, so a
/// product runs on the calling thread alone.
/// </summary>
static unsafe partial class Blas
{
    const string Library = "libtorch_cpu.so";
    const byte Plain = (byte)'N';
    const byte Transposed = (byte)'T';

    // MKL keeps its thread count per calling thread; each of ours sets it once.
    [ThreadStatic]
    static bool t_single;

    /// <summary>C[m, n] = alpha · A[m, k] · B[n, k]ᵀ + beta · C</summary>
    public static void TimesTransposed(
        int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc)
    {
        Multiply(Transposed, Plain, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    }

    /// <summary>C[m, n] = alpha · A[m, k] · B[k, n] + beta · C</summary>
    public static void Times(int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc)
    {
        Multiply(Plain, Plain, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    }

    /// <summary>C[m, n] = alpha · A[k, m]ᵀ · B[k, n] + beta · C</summary>
    public static void TransposedTimes(
        int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc)
    {
        Multiply(Plain, Transposed, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    }

    /// <summary>
    /// From now on products of the calling thread, those of tensors included, run on it alone. With several threads the order of their sums
    /// may depend on what else the machine does.
    /// </summary>
    public static void UseOneThread()
    {
        if (!t_single)
        {
            TorchRuntime.Initialize();
            _ = SetThreadsLocal(1);
            t_single = true;
        }
    }

    // The library sees memory by columns, which is the transpose of ours by rows: Cᵀ = Bᵀ·Aᵀ.
    static void Multiply(
        byte formB, byte formA, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc)
    {
        UseOneThread();
        Sgemm(&formB, &formA, &n, &m, &k, &alpha, b, &ldb, a, &lda, &beta, c, &ldc);
    }

    [LibraryImport(Library, EntryPoint = "sgemm_")]
    private static partial void Sgemm(
        byte* formA, byte* formB, int* m, int* n, int* k, float* alpha, float* a, int* lda, float* b, int* ldb, float* beta, float* c,
        int* ldc);

    [LibraryImport(Library, EntryPoint = "MKL_Set_Num_Threads_Local")]
    private static partial int SetThreadsLocal(int threads);
}
