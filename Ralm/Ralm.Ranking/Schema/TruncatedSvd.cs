using MathNet.Numerics.LinearAlgebra;
using Ralm.Ranking.Randomness;

namespace Ralm.Ranking.Schema;

/// <summary>
/// Right singular vectors of a sparse matrix, by randomised subspace iteration (Halko, Martinsson and Tropp 2011,
/// algorithm 4.4 and 5.1). Deterministic: the test matrix follows from a fixed seed.
/// </summary>
internal static class TruncatedSvd
{
    private const int Oversampling = 8;
    private const int Iterations = 3;

    /// <param name="rows">Sparse rows: column and value.</param>
    /// <returns>columns × rank, each vector of length one; fewer vectors are zero where the rank is lower.</returns>
    public static double[,] RightVectors(IReadOnlyList<(int Column, float Value)[]> rows, int columns, int rank)
    {
        var width = Math.Min(rank + Oversampling, columns);
        var v = new double[columns, width];
        for (var c = 0; c < columns; c++)
        {
            for (var k = 0; k < width; k++)
            {
                v[c, k] = RandomStream.Uniform(1, ((long)c * width) + k) - 0.5;
            }
        }

        Orthonormalise(v);
        for (var turn = 0; turn < Iterations; turn++)
        {
            v = Transposed(rows, Times(rows, v), columns);
            Orthonormalise(v);
        }

        // Rayleigh-Ritz: within the subspace, the eigenvectors of the Gram matrix, largest first.
        var projected = Times(rows, v);
        var gram = Gram(projected);
        var eigen = gram.Evd(Symmetricity.Symmetric);
        var result = new double[columns, rank];
        for (var k = 0; k < Math.Min(rank, width); k++)
        {
            var direction = eigen.EigenVectors.Column(width - 1 - k);
            var sign = Math.Sign(direction.OrderByDescending(Math.Abs).First());
            for (var c = 0; c < columns; c++)
            {
                var sum = 0.0;
                for (var j = 0; j < width; j++)
                {
                    sum += v[c, j] * direction[j];
                }

                result[c, k] = sign * sum;
            }
        }

        return result;
    }

    private static double[,] Times(IReadOnlyList<(int Column, float Value)[]> rows, double[,] v)
    {
        var width = v.GetLength(1);
        var product = new double[rows.Count, width];
        for (var r = 0; r < rows.Count; r++)
        {
            foreach (var (column, value) in rows[r])
            {
                for (var k = 0; k < width; k++)
                {
                    product[r, k] += value * v[column, k];
                }
            }
        }

        return product;
    }

    private static double[,] Transposed(IReadOnlyList<(int Column, float Value)[]> rows, double[,] y, int columns)
    {
        var width = y.GetLength(1);
        var product = new double[columns, width];
        for (var r = 0; r < rows.Count; r++)
        {
            foreach (var (column, value) in rows[r])
            {
                for (var k = 0; k < width; k++)
                {
                    product[column, k] += value * y[r, k];
                }
            }
        }

        return product;
    }

    private static Matrix<double> Gram(double[,] y)
    {
        var width = y.GetLength(1);
        var gram = Matrix<double>.Build.Dense(width, width);
        for (var r = 0; r < y.GetLength(0); r++)
        {
            for (var i = 0; i < width; i++)
            {
                for (var j = i; j < width; j++)
                {
                    gram[i, j] += y[r, i] * y[r, j];
                }
            }
        }

        return Matrix<double>.Build.Dense(width, width, (i, j) => gram[Math.Min(i, j), Math.Max(i, j)]);
    }

    /// <summary>Gram-Schmidt, twice for accuracy (Giraud et al. 2005); a dependent column becomes zero.</summary>
    private static void Orthonormalise(double[,] v)
    {
        var (rows, width) = (v.GetLength(0), v.GetLength(1));
        for (var k = 0; k < width; k++)
        {
            for (var pass = 0; pass < 2; pass++)
            {
                for (var j = 0; j < k; j++)
                {
                    var dot = 0.0;
                    for (var r = 0; r < rows; r++)
                    {
                        dot += v[r, k] * v[r, j];
                    }

                    for (var r = 0; r < rows; r++)
                    {
                        v[r, k] -= dot * v[r, j];
                    }
                }
            }

            var norm = 0.0;
            for (var r = 0; r < rows; r++)
            {
                norm += v[r, k] * v[r, k];
            }

            var scale = norm < 1e-20 ? 0 : 1 / Math.Sqrt(norm);
            for (var r = 0; r < rows; r++)
            {
                v[r, k] *= scale;
            }
        }
    }
}
