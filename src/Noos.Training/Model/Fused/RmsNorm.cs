using System.Numerics;

namespace Noos.Training.Model.Fused;

/// <summary>y = x · r · w with r = 1 / sqrt(mean(x²) + epsilon), row by row; Zhang and Sennrich, 2019.</summary>
static unsafe class RmsNorm
{
    /// <param name="x">[rows, width]</param>
    /// <param name="weight">[width]</param>
    /// <param name="y">[rows, width]</param>
    /// <param name="inverse">[rows] r, kept for the backward pass</param>
    public static void Forward(float* x, float* weight, float* y, float* inverse, int rows, int width, float epsilon)
    {
        var lanes = Vector<float>.Count;
        for (var row = 0; row < rows; row++, x += width, y += width)
        {
            var squares = Vector<float>.Zero;
            for (var i = 0; i < width; i += lanes)
            {
                var value = Vector.Load(x + i);
                squares = Vector.FusedMultiplyAdd(value, value, squares);
            }

            var r = 1f / MathF.Sqrt((Vector.Sum(squares) / width) + epsilon);
            inverse[row] = r;
            for (var i = 0; i < width; i += lanes)
            {
                (Vector.Load(x + i) * r * Vector.Load(weight + i)).Store(y + i);
            }
        }
    }

    /// <summary>Adds the gradient of the input to <paramref name="dx"/> and of the weight to <paramref name="dWeight"/>.</summary>
    /// <param name="x">[rows, width]</param>
    /// <param name="weight">[width]</param>
    /// <param name="inverse">[rows] from the forward pass</param>
    /// <param name="dy">[rows, width]</param>
    /// <param name="dx">[rows, width]</param>
    /// <param name="dWeight">[width]</param>
    public static void Backward(float* x, float* weight, float* inverse, float* dy, float* dx, float* dWeight, int rows, int width)
    {
        var lanes = Vector<float>.Count;
        for (var row = 0; row < rows; row++, x += width, dy += width, dx += width)
        {
            var r = inverse[row];
            var products = Vector<float>.Zero;
            for (var i = 0; i < width; i += lanes)
            {
                var scaled = Vector.Load(dy + i) * Vector.Load(x + i);
                products = Vector.FusedMultiplyAdd(scaled, Vector.Load(weight + i), products);
                Vector.FusedMultiplyAdd(scaled, new Vector<float>(r), Vector.Load(dWeight + i)).Store(dWeight + i);
            }

            // dx = r·w·dy − x·r³·mean(dy·w·x)
            var pull = new Vector<float>(-r * r * r * Vector.Sum(products) / width);
            for (var i = 0; i < width; i += lanes)
            {
                var direct = Vector.FusedMultiplyAdd(
                    Vector.Load(dy + i) * Vector.Load(weight + i), new Vector<float>(r), Vector.Load(dx + i));
                Vector.FusedMultiplyAdd(Vector.Load(x + i), pull, direct).Store(dx + i);
            }
        }
    }
}
