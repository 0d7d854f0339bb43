//! The vector that argmin's L-BFGS calculates with: shared, so that a copy is free, and lazily scaled. Floor 5.
//!
//! argmin's solvers copy their vectors often and build `a + s·b` from a product and a sum, each a new allocation.
//! Here a copy shares the numbers and a product with a scalar only notes it; the sum then is one pass.

use std::rc::Rc;

use argmin_math::{
    ArgminAdd, ArgminDot, ArgminL1Norm, ArgminL2Norm, ArgminMinMax, ArgminMul, ArgminScaledAdd, ArgminSignum,
    ArgminSub, ArgminZeroLike,
};

/// `scale` × `data`.
#[derive(Debug, Clone)]
pub struct Vector {
    data: Rc<[f64]>,
    scale: f64,
    /// The length that `l2_norm` reports where it is not that of the numbers (see `with_norm`).
    norm: Option<f64>,
}

impl Vector {
    /// A vector of the given numbers.
    pub fn new(data: impl Into<Rc<[f64]>>) -> Self {
        Self { data: data.into(), scale: 1.0, norm: None }
    }

    /// The same vector with `norm` as its reported length: a gradient in scaled variables is judged by its length
    /// in the unscaled ones.
    pub fn with_norm(mut self, norm: f64) -> Self {
        self.norm = Some(norm);
        self
    }

    /// The numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        self.data.iter().map(|x| x * self.scale)
    }

    /// Whether both are one and the same vector, not merely equal. Free.
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.data, &other.data) && self.scale.to_bits() == other.scale.to_bits()
    }

    /// `self + factor · other`, in one pass.
    fn plus(&self, factor: f64, other: &Self) -> Self {
        let (a, b) = (self.scale, other.scale * factor);
        self.data.iter().zip(&*other.data).map(|(x, y)| a * x + b * y).collect()
    }

    /// `f` of each pair of numbers.
    fn zip(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        self.iter().zip(other.iter()).map(|(x, y)| f(x, y)).collect()
    }
}

impl FromIterator<f64> for Vector {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        Self::new(numbers.into_iter().collect::<Rc<[f64]>>())
    }
}

/// The inner product in eight strands, which the compiler turns into vector instructions; a single strand would
/// have to add in order.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_chunks, a_rest) = a.as_chunks::<8>();
    let (b_chunks, b_rest) = b.as_chunks::<8>();
    let mut strands = [0.0; 8];
    for (x, y) in a_chunks.iter().zip(b_chunks) {
        for i in 0..8 {
            strands[i] += x[i] * y[i];
        }
    }
    strands.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f64>()
}

impl ArgminDot<Vector, f64> for Vector {
    fn dot(&self, other: &Vector) -> f64 {
        self.scale * other.scale * dot(&self.data, &other.data)
    }
}

impl ArgminL2Norm<f64> for Vector {
    fn l2_norm(&self) -> f64 {
        self.norm.unwrap_or_else(|| ArgminDot::dot(self, self).sqrt())
    }
}

impl ArgminMul<f64, Vector> for Vector {
    fn mul(&self, factor: &f64) -> Vector {
        Vector { data: Rc::clone(&self.data), scale: self.scale * factor, norm: None }
    }
}

impl ArgminAdd<Vector, Vector> for Vector {
    fn add(&self, other: &Vector) -> Vector {
        self.plus(1.0, other)
    }
}

impl ArgminSub<Vector, Vector> for Vector {
    fn sub(&self, other: &Vector) -> Vector {
        self.plus(-1.0, other)
    }
}

impl ArgminScaledAdd<Vector, f64, Vector> for Vector {
    fn scaled_add(&self, factor: &f64, other: &Vector) -> Vector {
        self.plus(*factor, other)
    }
}

// What follows L-BFGS wants only for L1 penalties, which are not used here.

impl ArgminAdd<f64, Vector> for Vector {
    fn add(&self, other: &f64) -> Vector {
        self.iter().map(|x| x + other).collect()
    }
}

impl ArgminSub<f64, Vector> for Vector {
    fn sub(&self, other: &f64) -> Vector {
        self.iter().map(|x| x - other).collect()
    }
}

impl ArgminMul<Vector, Vector> for Vector {
    fn mul(&self, other: &Vector) -> Vector {
        self.zip(other, |x, y| x * y)
    }
}

impl ArgminL1Norm<f64> for Vector {
    fn l1_norm(&self) -> f64 {
        self.iter().map(f64::abs).sum()
    }
}

impl ArgminSignum for Vector {
    fn signum(self) -> Vector {
        self.iter().map(f64::signum).collect()
    }
}

impl ArgminZeroLike for Vector {
    fn zero_like(&self) -> Vector {
        Vector::new(vec![0.0; self.data.len()])
    }
}

impl ArgminMinMax for Vector {
    fn min(x: &Self, y: &Self) -> Vector {
        x.zip(y, f64::min)
    }

    fn max(x: &Self, y: &Self) -> Vector {
        x.zip(y, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nine numbers, so that both the strands and their rest are used.
    fn numbers(step: f64) -> Vector {
        (0..9).map(|i| 1.0 + step * f64::from(i)).collect()
    }

    #[test]
    fn scaling_is_noted_and_takes_part_in_all_that_follows() {
        let (a, b) = (numbers(1.0), numbers(0.5));
        let doubled: Vector = a.mul(&2.0);
        assert!(Rc::ptr_eq(&a.data, &doubled.data));
        assert!(a.is(&a.clone()) && !a.is(&doubled) && !a.is(&numbers(1.0)));
        let expected =
            |f: fn(f64, f64) -> f64| a.iter().zip(b.iter()).map(|(x, y)| f(x, y)).collect::<Vec<_>>();
        let found = |v: Vector| v.iter().collect::<Vec<_>>();
        assert_eq!(found(doubled.add(&b)), expected(|x, y| 2.0 * x + y));
        assert_eq!(found(b.sub(&doubled)), expected(|x, y| y - 2.0 * x));
        assert_eq!(found(b.scaled_add(&3.0, &doubled)), expected(|x, y| y + 6.0 * x));
        assert_eq!(found(ArgminMul::<Vector, Vector>::mul(&doubled, &b)), expected(|x, y| 2.0 * x * y));
        let inner: f64 = expected(|x, y| 2.0 * x * y).iter().sum();
        assert!((doubled.dot(&b) - inner).abs() < 1e-12);
        assert!((b.l2_norm() - b.dot(&b).sqrt()).abs() < 1e-12);
        assert!((b.with_norm(7.0).l2_norm() - 7.0).abs() < 1e-12);
    }
}
