//! Light on surfaces: skin, eyes, teeth and the inside of the mouth. Everything in head space and linear light.

use crate::identity::{Appearance, Eyes};
use crate::render::light::Lights;
use crate::render::paint::{self, Skin, Texel};
use crate::truth::IRIS_RAD;
use crate::vec3::{Rotation, V3, smoothstep, v3};

/// What a triangle is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Material {
    Skin,
    EyeLeft,
    EyeRight,
    Teeth,
    Tongue,
    Hair,
    /// Never drawn (the strips of lashes).
    Unseen,
}

/// What is interpolated over a triangle: 0-1 place in the skin map, 2-4 normal, 5 share of the key light that arrives,
/// 6 openness to light from all around, 7 depth inside the mouth. On eyes 0, 1, 7 are the point relative to the middle of
/// the eyeball in radii (x, y, z).
pub(crate) type Surface = [f32; 8];

/// Slope along s, slope along t and depth of the furrow, per texel of the skin map.
pub(crate) type Furrow = [f32; 3];

/// All that shading one frame needs.
pub(crate) struct Scene<'a> {
    pub who: &'a Appearance,
    pub skin: &'a Skin,
    /// Wrinkles of the clip's AUs at full strength and their strength now.
    pub furrows: Option<(&'a [Furrow], f32)>,
    pub lights: &'a Lights,
    /// Directions in head space.
    pub to_key: V3,
    pub to_fill: V3,
    pub to_camera: V3,
    /// Half-way between each light and the camera.
    pub key_half: V3,
    pub fill_half: V3,
    pub up: V3,
    /// Turn of the eyes.
    pub gaze: Rotation,
    pub gloss: f32,
}

/// How far light wraps around skin, per colour: red light travels farthest below the surface.
const SKIN_WRAP: [f32; 3] = [0.32, 0.16, 0.10];

impl Scene<'_> {
    /// Light that leaves a surface towards the camera.
    pub fn light_of(&self, material: Material, surface: &Surface) -> V3 {
        match material {
            Material::Skin => self.skin_light(surface),
            Material::EyeLeft | Material::EyeRight => self.eye_light(surface, material == Material::EyeLeft),
            Material::Teeth => self.plain_light(v3(0.62, 0.56, 0.46), surface, 0.25),
            Material::Tongue => self.plain_light(v3(0.34, 0.10, 0.09), surface, 0.12),
            Material::Hair => self.hair_light(surface),
            Material::Unseen => V3::ZERO,
        }
    }

    #[inline]
    fn skin_light(&self, surface: &Surface) -> V3 {
        let st = [surface[0], surface[1]];
        let texel: Texel = self.skin.sample(st);
        let mut normal = v3(surface[2], surface[3], surface[4]).normalized();
        let (mut slope_s, mut slope_t, mut cavity) = (texel[4], texel[5], 0.0);
        if let Some((furrows, strength)) = self.furrows {
            let furrow = paint::sample(furrows, st);
            slope_s += furrow[0] * strength;
            slope_t += furrow[1] * strength;
            cavity = (furrow[2] * strength).clamp(0.0, 0.8);
        }
        let along = v3(normal.z, 0.0, -normal.x).normalized();
        let upward = normal.cross(along);
        normal = (normal - along * slope_s - upward * slope_t).normalized();
        let inside = smoothstep(0.05, 0.6, surface[7]);
        let albedo = v3(texel[0], texel[1], texel[2]).lerp(v3(0.16, 0.035, 0.03), inside);
        let open = surface[6] * (1.0 - 0.6 * cavity) * (1.0 - 0.75 * inside);
        let hair = texel[6];
        let key_share = (1.0 - self.lights.shadow * (1.0 - surface[5])) * (1.0 - 0.8 * inside) * (1.0 - 0.35 * cavity);
        let diffuse = self.diffuse(normal, key_share, open, 1.0 - hair);
        let shine = texel[3] * self.gloss * (1.0 - inside) * (1.0 - cavity);
        albedo * diffuse + self.shine(normal, key_share, open, shine, hair)
    }

    /// Light that arrives and is scattered: key, fill and surroundings. `skin` 0..=1 says how much light wraps around.
    #[inline]
    fn diffuse(&self, normal: V3, key_share: f32, open: f32, skin: f32) -> V3 {
        let lights = self.lights;
        let (key_cos, fill_cos) = (normal.dot(self.to_key), normal.dot(self.to_fill));
        let lit = |cosine: f32, wrap: f32| {
            // (cosine + w) / (1 + w) for w = wrap on skin and 0 on hair, without a division.
            let (w, share) = (wrap * skin, 1.0 + (1.0 / (1.0 + wrap) - 1.0) * skin);
            ((cosine + w) * share).max(0.0)
        };
        let [red, green, blue] = SKIN_WRAP;
        let key = v3(lit(key_cos, red), lit(key_cos, green), lit(key_cos, blue));
        let fill = v3(lit(fill_cos, red), lit(fill_cos, green), lit(fill_cos, blue));
        let above = 0.5 + 0.5 * normal.dot(self.up);
        // Light inside folds of skin has bounced off skin: warmer than outside.
        let bounced =
            v3((open * open.sqrt()).sqrt(), open, open * open.sqrt().max(0.3)).lerp(v3(open, open, open), 1.0 - skin);
        lights.key * key * key_share
            + lights.fill * fill * (0.3 + 0.7 * open)
            + lights.ground.lerp(lights.sky, above) * bounced
    }

    /// Mirror-like light: a broad lobe for skin with a narrow oily one, and a rim at grazing angles.
    #[inline]
    fn shine(&self, normal: V3, key_share: f32, open: f32, shine: f32, hair: f32) -> V3 {
        let lights = self.lights;
        let lobe = |half: V3| {
            let c = normal.dot(half).max(0.0);
            let c2 = c * c;
            let c8 = (c2 * c2) * (c2 * c2);
            let c16 = c8 * c8;
            0.05 * c8 + 0.10 * c16 * c8 + 0.10 * c16 * c16 * c16
        };
        let away = 1.0 - normal.dot(self.to_camera).clamp(0.0, 1.0);
        let rim = 0.10 * away * away * away * away;
        let k = shine * (1.0 - 0.5 * hair);
        lights.key * (k * key_share * lobe(self.key_half))
            + lights.fill * (k * open * lobe(self.fill_half))
            + lights.sky * (k * open * (rim + 0.012))
    }

    fn plain_light(&self, albedo: V3, surface: &Surface, shine: f32) -> V3 {
        let normal = v3(surface[2], surface[3], surface[4]).normalized();
        let open = surface[6];
        let key_share = (1.0 - self.lights.shadow * (1.0 - surface[5])) * (0.2 + 0.8 * open);
        albedo * self.diffuse(normal, key_share, open, 0.5) + self.shine(normal, key_share, open, shine * open, 0.0)
    }

    fn hair_light(&self, surface: &Surface) -> V3 {
        let hair = &self.who.hair;
        let normal = v3(surface[2], surface[3], surface[4]).normalized();
        let strand = 0.6 * crate::render::layers::value_noise(surface[0] * 60.0, surface[1] * 3.0, 81)
            + 0.4 * crate::render::layers::value_noise(surface[0] * 150.0, surface[1] * 5.0, 82);
        let albedo = hair.colour * (1.0 + 0.5 * strand);
        let open = surface[6];
        let key_share = 1.0 - self.lights.shadow * (1.0 - surface[5]);
        albedo * self.diffuse(normal, key_share, open, 0.0) + self.shine(normal, key_share, open, 0.25, 0.5)
    }

    fn eye_light(&self, surface: &Surface, left: bool) -> V3 {
        let eyes: &Eyes = &self.who.eyes;
        let outward = v3(surface[0], surface[1], surface[7]).normalized();
        let looked = self.gaze.undo(outward);
        // Angle from the line of sight; the iris spans 26 degrees of this eyeball.
        let angle = looked.z.clamp(-1.0, 1.0).acos();
        let radius = angle / IRIS_RAD;
        let corner = smoothstep(0.35, 0.95, outward.x.abs());
        let veins = smoothstep(0.8, 1.6, radius);
        let inner = if left { outward.x < 0.0 } else { outward.x > 0.0 };
        let mut albedo = eyes.sclera.lerp(eyes.sclera * v3(0.95, 0.78, 0.74), (0.35 * veins + 0.5 * corner).min(1.0));
        if inner {
            albedo = albedo.lerp(v3(0.55, 0.22, 0.20), smoothstep(0.55, 0.85, outward.x.abs()));
        }
        let turn = looked.y.atan2(looked.x);
        let fibres = 1.0 + 0.22 * (turn * 23.0).sin() * (turn * 7.0 + 1.0).cos() + 0.25 * (radius - 0.6);
        let limbus = smoothstep(0.80, 0.98, radius);
        let iris = eyes.iris * fibres * (1.0 - 0.7 * limbus);
        albedo = iris.lerp(albedo, smoothstep(0.93, 1.07, radius));
        albedo = v3(0.004, 0.004, 0.004).lerp(albedo, smoothstep(eyes.pupil - 0.06, eyes.pupil + 0.06, radius));
        let open = surface[6] * (1.0 - 0.3 * corner);
        // The lids and lashes shade the eye from above.
        let lid = 1.0 - 0.65 * smoothstep(0.12, 0.55, outward.y);
        let key_share = (1.0 - self.lights.shadow * (1.0 - surface[5])) * lid;
        let diffuse = self.diffuse(outward, key_share, open * lid, 0.4);
        albedo * diffuse + self.glint(outward, radius, lid)
    }

    /// The bright dot of the key light and a faint one of the fill on the wet eye.
    fn glint(&self, outward: V3, radius: f32, lid: f32) -> V3 {
        let axis = self.gaze.apply(v3(0.0, 0.0, 1.0));
        // The cornea bulges: its normals turn away from the axis faster than the eyeball's.
        let bulge = if radius < 1.1 { 0.55 } else { 0.0 };
        let normal = (outward + (outward - axis) * bulge).normalized();
        let spot = |half: V3, power: i32| normal.dot(half).max(0.0).powi(power);
        let window = 0.035 * (0.5 + 0.5 * normal.dot(self.up));
        (self.lights.key * (2.2 * spot(self.key_half, 180)) + self.lights.fill * (0.6 * spot(self.fill_half, 120)))
            * lid
            + self.lights.sky * window
    }
}
