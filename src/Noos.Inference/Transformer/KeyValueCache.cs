using System.Runtime.InteropServices;
using Noos.Language.Models;

namespace Noos.Inference.Transformer;

/// <summary>
/// Keys and values of all positions, [block][key-value head][position][head length] floats each. Memory that was never written is not
/// taken from the machine, so a large capacity costs only what a conversation uses.
/// </summary>
sealed unsafe class KeyValueCache : IDisposable
{
    readonly long _headStride;
    readonly int _heads;
    float* _keys;
    float* _values;

    public KeyValueCache(TransformerConfig config, int capacity)
    {
        _heads = config.KeyValueHeadCount;
        _headStride = (long)capacity * config.HeadLength;
        var count = (nuint)(_headStride * _heads * config.BlockCount);
        _keys = (float*)NativeMemory.AllocZeroed(count, sizeof(float));
        _values = (float*)NativeMemory.AllocZeroed(count, sizeof(float));
    }

    /// <summary>[positions, head length]</summary>
    public float* Keys(int block, int head) => _keys + ((((long)block * _heads) + head) * _headStride);

    /// <summary>[positions, head length]</summary>
    public float* Values(int block, int head) => _values + ((((long)block * _heads) + head) * _headStride);

    public void Dispose()
    {
        NativeMemory.Free(_keys);
        NativeMemory.Free(_values);
        _keys = null;
        _values = null;
    }
}
