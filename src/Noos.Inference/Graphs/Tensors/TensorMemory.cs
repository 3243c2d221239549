using System.Buffers;
using Noos.Core;

namespace Noos.Inference.Graphs.Tensors;

/// <summary>
/// The arrays of one run of a graph. Arrays of floats are counted by how many values share them and reused as soon as the last one is let
/// go; how much a run holds at a time is limited, so that a hostile graph cannot take the machine's memory. Not thread-safe.
/// </summary>
/// <param name="maxBytes">So much may be held at a time.</param>
sealed class TensorMemory(long maxBytes) : IDisposable
{
    readonly Dictionary<float[], int> _users = new(ReferenceEqualityComparer.Instance);
    long _bytes;

    /// <summary>Elements are uninitialized.</summary>
    /// <exception cref="NoosException">The run would hold too much (OutOfMemory).</exception>
    public Tensor NewSingles(params int[] shape)
    {
        var count = Reserve<float>(shape);
        var array = ArrayPool<float>.Shared.Rent(Math.Max(count, 1));
        _bytes += (long)array.Length * sizeof(float);
        _users.Add(array, 0);
        return new Tensor(array, shape);
    }

    /// <summary>Elements are zero.</summary>
    /// <exception cref="NoosException">The run would hold too much (OutOfMemory).</exception>
    public Tensor NewZeros(params int[] shape)
    {
        var tensor = NewSingles(shape);
        tensor.Elements<float>().AsSpan(0, tensor.Count).Clear();
        return tensor;
    }

    /// <summary>A tensor of any kind; floats are uninitialized.</summary>
    /// <exception cref="NoosException">The run would hold too much (OutOfMemory).</exception>
    public Tensor New(TensorKind kind, params int[] shape) => kind switch
    {
        TensorKind.Floats => NewSingles(shape),
        TensorKind.Integers => new Tensor(new long[Reserve<long>(shape)], shape),
        _ => new Tensor(new bool[Reserve<bool>(shape)], shape),
    };

    /// <summary>One more value uses the array of a tensor.</summary>
    public void Hold(Tensor tensor)
    {
        if (tensor.Storage is float[] array && _users.TryGetValue(array, out var users))
        {
            _users[array] = users + 1;
        }
    }

    /// <summary>A value that used the array of a tensor is no more.</summary>
    public void Release(Tensor tensor)
    {
        if (tensor.Storage is not float[] array || !_users.TryGetValue(array, out var users))
        {
            return;
        }

        if (users > 1)
        {
            _users[array] = users - 1;
            return;
        }

        _users.Remove(array);
        _bytes -= (long)array.Length * sizeof(float);
        ArrayPool<float>.Shared.Return(array);
    }

    /// <summary>Lets an intermediate result go that never became a value.</summary>
    public void Drop(Tensor tensor)
    {
        if (tensor.Storage is float[] array && _users.GetValueOrDefault(array, 1) == 0)
        {
            Release(tensor);
        }
    }

    /// <summary>No other value uses the array, and it is not a weight or an input.</summary>
    public bool IsAlone(Tensor tensor) => tensor.Storage is float[] array && _users.GetValueOrDefault(array) == 1;

    /// <summary>Takes an array out of the counting: it belongs to whoever gets the tensor.</summary>
    public void Detach(Tensor tensor)
    {
        if (tensor.Storage is float[] array)
        {
            _users.Remove(array);
        }
    }

    public void Dispose()
    {
        foreach (var array in _users.Keys)
        {
            ArrayPool<float>.Shared.Return(array);
        }

        _users.Clear();
    }

    unsafe int Reserve<T>(int[] shape)
        where T : unmanaged
    {
        var count = Tensor.CountOf(shape);
        return _bytes + ((long)count * sizeof(T)) <= maxBytes ? count : throw new NoosException(
            ErrorKind.OutOfMemory,
            $"The model wants more than {maxBytes >> 20} MiB of memory for one run; give it a shorter input, or another model.");
    }
}
