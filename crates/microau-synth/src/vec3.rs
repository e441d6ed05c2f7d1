//! Three floats with the few operations a renderer needs. Head space: decimetres, x to the subject's left, y up, z forward.

use std::ops::{Add, AddAssign, Mul, Neg, Sub};

/// A point or direction.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct V3 {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

/// Short for a [`V3`].
pub(crate) const fn v3(x: f32, y: f32, z: f32) -> V3 {
    V3 { x, y, z }
}

impl V3 {
    pub const ZERO: V3 = v3(0.0, 0.0, 0.0);

    #[inline]
    pub fn dot(self, o: V3) -> f32 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }

    #[inline]
    pub fn cross(self, o: V3) -> V3 {
        v3(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)
    }

    #[inline]
    pub fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// Unit length; forward (0, 0, 1) for a vector too short to have a direction.
    #[inline]
    pub fn normalized(self) -> V3 {
        let length = self.length();
        if length > 1e-12 { self * (1.0 / length) } else { v3(0.0, 0.0, 1.0) }
    }

    #[inline]
    pub fn lerp(self, o: V3, t: f32) -> V3 {
        self + (o - self) * t
    }
}

impl Add for V3 {
    type Output = V3;
    #[inline]
    fn add(self, o: V3) -> V3 {
        v3(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl AddAssign for V3 {
    fn add_assign(&mut self, o: V3) {
        *self = *self + o;
    }
}

impl Sub for V3 {
    type Output = V3;
    #[inline]
    fn sub(self, o: V3) -> V3 {
        v3(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Neg for V3 {
    type Output = V3;
    fn neg(self) -> V3 {
        v3(-self.x, -self.y, -self.z)
    }
}

impl Mul<f32> for V3 {
    type Output = V3;
    #[inline]
    fn mul(self, k: f32) -> V3 {
        v3(self.x * k, self.y * k, self.z * k)
    }
}

/// Component by component: light on a colour.
impl Mul<V3> for V3 {
    type Output = V3;
    #[inline]
    fn mul(self, o: V3) -> V3 {
        v3(self.x * o.x, self.y * o.y, self.z * o.z)
    }
}

/// A rotation, by rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rotation([V3; 3]);

impl Rotation {
    /// Turn of the head: yaw to the subject's left, pitch up, roll towards the subject's left shoulder; radians.
    #[inline]
    pub fn head(yaw_rad: f32, pitch_rad: f32, roll_rad: f32) -> Rotation {
        let (sy, cy) = yaw_rad.sin_cos();
        let (sp, cp) = (-pitch_rad).sin_cos();
        let (sr, cr) = (-roll_rad).sin_cos();
        let yaw = Rotation([v3(cy, 0.0, sy), v3(0.0, 1.0, 0.0), v3(-sy, 0.0, cy)]);
        let pitch = Rotation([v3(1.0, 0.0, 0.0), v3(0.0, cp, -sp), v3(0.0, sp, cp)]);
        let roll = Rotation([v3(cr, -sr, 0.0), v3(sr, cr, 0.0), v3(0.0, 0.0, 1.0)]);
        yaw.then_after(&pitch).then_after(&roll)
    }

    /// This rotation applied after `first`.
    fn then_after(&self, first: &Rotation) -> Rotation {
        let columns = [v3(1.0, 0.0, 0.0), v3(0.0, 1.0, 0.0), v3(0.0, 0.0, 1.0)].map(|e| self.apply(first.apply(e)));
        let [a, b, c] = columns;
        Rotation([v3(a.x, b.x, c.x), v3(a.y, b.y, c.y), v3(a.z, b.z, c.z)])
    }

    #[inline]
    pub fn apply(&self, v: V3) -> V3 {
        v3(self.0[0].dot(v), self.0[1].dot(v), self.0[2].dot(v))
    }

    /// The inverse rotation applied.
    #[inline]
    pub fn undo(&self, v: V3) -> V3 {
        self.0[0] * v.x + self.0[1] * v.y + self.0[2] * v.z
    }
}

/// 0 below `lo`, 1 above `hi`, smooth between; falls instead of rising when `lo > hi`.
#[inline]
pub(crate) fn smoothstep(lo: f32, hi: f32, x: f32) -> f32 {
    if lo > hi {
        return 1.0 - smoothstep(hi, lo, x);
    }
    let t = ((x - lo) / (hi - lo).max(1e-9)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
