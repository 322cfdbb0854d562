const express = require('express');
const { protect, admin } = require('../middleware/authMiddleware');
const { addOrder, getMyOrders, getOrderById, payOrder, getOrders } = require('../controllers/orderController');

const router = express.Router();

router.post('/', protect, addOrder);
router.get('/', protect, admin, getOrders);
router.get('/mine', protect, getMyOrders);
router.get('/:id', protect, getOrderById);
router.put('/:id/pay', protect, payOrder);

module.exports = router;
